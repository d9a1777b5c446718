package trainer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// Checks 7 to 10 of 25: which bytes are scored, and where the score goes.

// Excludes: the score on the first padding token (TRL PR 5338) and the KL of padding in the returns (rlhf-book PR 216). Token
// rewards add up to score − β·KL for replies that end, that are cut off and that are one token long.
func TestCheck07_RewardIsPlacedOnReplyTokens(t *testing.T) {
	t.Run("sum", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(1, 30).Draw(t, "tokens")
			logProbs := rapid.SliceOfN(rapid.Float32Range(-12, 0), n, n).Draw(t, "policy")
			reference := rapid.SliceOfN(rapid.Float32Range(-12, 0), n, n).Draw(t, "reference")
			beta := rapid.Float64Range(0, 1).Draw(t, "beta")
			score := rapid.Float64Range(-5, 5).Draw(t, "score")
			rewards := make([]float32, n)
			tokenRewards(rewards, logProbs, reference, beta, score)
			var sum float64
			for _, r := range rewards {
				sum += float64(r)
			}
			if want := score - beta*sequenceKL(logProbs, reference); math.Abs(sum-want) > 1e-5 {
				t.Fatalf("token rewards add up to %v, want %v", sum, want)
			}
			for i, r := range rewards[:n-1] {
				want := -beta * (float64(logProbs[i]) - float64(reference[i]))
				if math.Abs(float64(r)-want) > 1e-6 {
					t.Fatalf("token %d: %v, want %v", i, r, want)
				}
			}
		})
		tokenRewards(nil, nil, nil, 1, 1)
	})
	t.Run("episodes", func(t *testing.T) {
		r := openLoop(t, loopInputs(), "lambda=1", "kl_controller=fixed")
		for range 3 {
			advance(t, r) // so that the KL is not 0
		}
		chat, prompt := r.sequences.chat, r.prompts[0].ids
		b := &rollout{}
		for _, reply := range [][]int32{chat.Reply("yes indeed"), testTokenizer.Encode("no never"), {chat.End}, {40}} {
			n := len(reply)
			b.Episodes = append(b.Episodes, episode{
				Tokens: append(slices.Clone(prompt), reply...), From: len(prompt), Ended: reply[n-1] == chat.End,
				LogProbs: make([]float32, n), ReferenceLogProbs: make([]float32, n), Values: make([]float32, n),
				Advantages: make([]float32, n), Returns: make([]float32, n),
			})
		}
		r.measure(b)
		r.estimateAdvantages(b)
		for i, e := range b.Episodes {
			kl := sequenceKL(e.LogProbs, e.ReferenceLogProbs)
			if kl == 0 {
				t.Error("the KL is 0, so this test says nothing of it")
			}
			near(t, fmt.Sprintf("return of reply %d", i), float64(e.Returns[0]), e.Score-r.state.Beta*kl, 1e-5)
			last := e.length() - 1
			near(t, fmt.Sprintf("return at the last token of reply %d", i), float64(e.Returns[last]),
				e.Score-r.state.Beta*(float64(e.LogProbs[last])-float64(e.ReferenceLogProbs[last])), 1e-5)
		}
	})
}

// Excludes: a score that depends on the padding's length (LlamaFactory #689, OpenRLHF #217) or is read at the last padded place
// (trlX #341). Alone, in any company and with garbage behind the end, a reply scores the same; unfinished, it scores less.
func TestCheck08_ScoreIsReadAtTheEndToken(t *testing.T) {
	t.Run("company", func(t *testing.T) {
		r := openLoop(t, loopInputs())
		var sequences [][]int32
		for i, reply := range []string{"yes", "no never", "maybe so", "say it again, say it now"} {
			ids, _ := r.rewardSequences.complete(r.prompts[i].rewardIDs, reply)
			sequences = append(sequences, ids)
		}
		together := make([]float32, len(sequences))
		r.scalar.rewards(r.reward, sequences, together)
		for i, s := range sequences {
			alone := make([]float32, 1)
			r.scalar.rewards(r.reward, [][]int32{s}, alone)
			if alone[0] != together[i] {
				t.Errorf("reply %d: %v alone, %v in company", i, alone[0], together[i])
			}
			garbage := append(slices.Clone(s), 33, r.sequences.chat.Pad, 44, r.sequences.chat.End, 55)
			atEnd := [][]float32{make([]float32, len(garbage)-len(s))}
			r.scalar.values(r.reward, []item{{tokens: garbage, from: len(s)}}, atEnd)
			if atEnd[0][0] != alone[0] {
				t.Errorf("reply %d: %v at its end token before garbage, %v without", i, atEnd[0][0], alone[0])
			}
		}
	})
	t.Run("unfinished", func(t *testing.T) {
		for _, rule := range []string{"subtract", "replace"} {
			r := openLoop(t, loopInputs(), "missing_end_rule="+rule, "missing_end_penalty=0.5")
			whole := r.sequences.chat.Reply("yes")
			replies := []scoredReply{
				{prompt: &r.prompts[0], tokens: whole, ended: true},
				{prompt: &r.prompts[0], tokens: whole[:len(whole)-1]},
			}
			r.scoreReplies(replies)
			if replies[1].score > replies[0].score {
				t.Errorf("%s: unfinished %v, finished %v", rule, replies[1].score, replies[0].score)
			}
			if rule == "subtract" {
				near(t, "the difference", replies[0].score-replies[1].score, 0.5*0.5, 1e-9)
			}
		}
	})
	t.Run("the rule", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			rule := rapid.SampledFrom([]string{"subtract", "replace"}).Draw(t, "rule")
			s := rapid.Float64Range(-100, 100).Draw(t, "score")
			spread := rapid.Float64Range(0.01, 10).Draw(t, "spread")
			p := rapid.Float64Range(0.01, 10).Draw(t, "penalty")
			if got := unfinishedScore(rule, s, p, spread); got > s || rule == "subtract" && got >= s {
				t.Fatalf("%s: %v above %v", rule, got, s)
			}
		})
		near(t, "subtract", unfinishedScore("subtract", 3, 1, 0.5), 2.5, 0)
		near(t, "replace", unfinishedScore("replace", 3, 1, 0.5), -1, 0)
		near(t, "replace", unfinishedScore("replace", -4, 1, 0.5), -4, 0)
	})
}

// Excludes: an evaluation that omits the end token that training had (TRL PR 5813), and every other drift of templates. PPO scores
// exactly the sequence that reward training reads, and that sequence is the one below, for good.
func TestCheck09_TrainedEvaluatedAndScoredBytesAreOne(t *testing.T) {
	t.Run("same bytes", func(t *testing.T) {
		long := strings.Repeat("older words ", 30) + "say it"
		in := loopInputs()
		in.Prompts = []Prompt{{ID: "1", Messages: say("say it")}, {ID: "2", Messages: say(long)}}
		r := openLoop(t, in, "max_new=8")
		for i, prompt := range []string{"say it", long} {
			trained, err := newSequencer(testTokenizer, tinyConfig().Context, in.Reward.Meta.RewardMaxNew)
			if err != nil {
				t.Fatal(err)
			}
			tasks, _, err := buildTasks([]ranking.Record{record(prompt, []string{"yes indeed", "no"}, []int{0}, []int{1})}, trained, pairOptions{norm: "used", ties: "drop"})
			if err != nil {
				t.Fatal(err)
			}
			scored, fits := r.rewardSequences.complete(r.prompts[i].rewardIDs, "yes indeed")
			if !fits || !slices.Equal(scored, tasks[0].sequences[0]) {
				t.Errorf("scored %v, trained on %v", scored, tasks[0].sequences[0])
			}
		}
		// However the policy spells a text, and whatever specials it mixes in, the score is the text's.
		spelled := []int32{}
		for _, b := range []byte("yes") {
			spelled = append(spelled, testTokenizer.Encode(string(b))...)
		}
		spelled = append(spelled, r.sequences.chat.Pad, r.sequences.chat.End)
		replies := []scoredReply{
			{prompt: &r.prompts[0], tokens: spelled, ended: true},
			{prompt: &r.prompts[0], tokens: r.sequences.chat.Reply("yes"), ended: true},
		}
		r.scoreReplies(replies)
		if replies[0].score != replies[1].score {
			t.Errorf("spelled out %v, as one word %v", replies[0].score, replies[1].score)
		}
	})
	t.Run("golden", func(t *testing.T) {
		s := testSequencer(t)
		prompt, _ := s.prompt([]ranking.Message{{Role: "system", Content: "be brief"}, {Role: "user", Content: "say it"}, {Role: "assistant", Content: "yes"}, {Role: "user", Content: "again"}})
		ids, _ := s.complete(prompt, "yes indeed")
		var shown strings.Builder
		for _, id := range ids {
			name := testTokenizer.Decode([]int32{id})
			for _, special := range tokenizer.ChatSpecials {
				if of, _ := testTokenizer.Special(special); of == id {
					name = special
				}
			}
			shown.WriteString(name)
		}
		const want = "<|im_start|>user\nagain<|im_end|>\n<|im_start|>assistant\nyes indeed<|im_end|>"
		if got := shown.String(); !strings.HasSuffix(got, want) || !strings.HasPrefix(got, "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>") {
			t.Errorf("a reward model reads %q", got)
		}
	})
}

// Excludes: padding and position ids that leak into results (trlX #416, PR 451; DeepSpeedExamples #316). There is no padding here;
// what stands beside a sequence in a batch changes neither its log-probabilities, values and rewards nor the gradient.
func TestCheck10_NeighboursDoNotMatter(t *testing.T) {
	t.Run("to the bit", func(t *testing.T) {
		r := rolled(t)
		_, items, _ := r.allEpisodes()
		for i := range items {
			e := &r.buffer.Episodes[i]
			logProbs, values := [][]float32{make([]float32, e.length())}, [][]float32{make([]float32, e.length())}
			r.language.score(r.policy.weights, items[i:i+1], logProbs)
			r.scalar.values(r.value.weights, items[i:i+1], values)
			if !sameBits(logProbs[0], e.LogProbs) || !sameBits(values[0], e.Values) {
				t.Errorf("episode %d differs when it is alone", i)
			}
		}
	})
	t.Run("gradient", func(t *testing.T) {
		base := tinyBase(1)
		e := newEngine(base.Weights.Config, 512, base.Weights.Config.Context)
		batch := []item{{tokens: []int32{4, 5, 6, 7, 8, 9}, from: 3}, {tokens: []int32{9, 8, 7}, from: 1}}
		alone, padded := model.NewWeights(base.Weights.Config), model.NewWeights(base.Weights.Config)
		loss := e.crossEntropy(base.Weights, alone, batch, 1)
		for i := range 13 { // sequences of which nothing is predicted
			tokens := slices.Repeat([]int32{1}, 2+i)
			batch = append(batch, item{tokens: tokens, from: len(tokens)})
		}
		near(t, "loss", e.crossEntropy(base.Weights, padded, batch, 1), loss, 0)
		near(t, "gradient", distance(padded.Data, alone.Data), 0, 1e-6*norm(alone.Data))
	})
}
