package inference_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"rankloop/internal/inference"
	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// tiny makes a policy and a reward model of a few thousand random parameters.
func tiny(t *testing.T) map[string]*model.Checkpoint {
	t.Helper()
	vocabulary, err := tokenizer.Train(slices.Values([]string{strings.Repeat("the quick brown fox jumps over the lazy dog ", 20)}), 300, tokenizer.ChatSpecials)
	if err != nil {
		t.Fatal(err)
	}
	config := model.Config{Vocab: vocabulary.Size(), Context: 96, Layers: 1, Heads: 2, Dim: 16, Hidden: 32, LayerNormEps: 1e-5, Head: model.LanguageModel}
	weights := model.NewWeights(config)
	weights.Init(1)
	return map[string]*model.Checkpoint{
		"policy": {Weights: weights, Tokenizer: vocabulary, Meta: model.Meta{Kind: model.PolicyKind}},
		"reward": {Weights: weights.WithScalarHead(2), Tokenizer: vocabulary, Meta: model.Meta{Kind: model.RewardKind, RewardMean: 0.25, RewardStd: 1, RewardMaxNew: 24}},
	}
}

func engine(t *testing.T) (*inference.Engine, *atomic.Int64) {
	checkpoints := tiny(t)
	var loads atomic.Int64
	return inference.NewEngine(func(_ context.Context, name string) (*model.Checkpoint, error) {
		loads.Add(1)
		if c := checkpoints[strings.TrimRight(name, "0123456789")]; c != nil {
			return c, nil
		}
		return nil, ranking.Errorf(ranking.CodeNotFound, "there is no checkpoint %s", name)
	}), &loads
}

func user(text string) []ranking.Message { return []ranking.Message{{Role: "user", Content: text}} }

func TestReplyDependsOnItsSeedAlone(t *testing.T) {
	e, _ := engine(t)
	options := inference.Options{MaxNew: 20, Temperature: 1}
	alone, err := e.Generate(t.Context(), "policy", []inference.Request{{Messages: user("the fox"), Seed: 7}}, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	requests := make([]inference.Request, 40) // more than one batch
	for i := range requests {
		requests[i] = inference.Request{Messages: user("dog " + strings.Repeat("lazy ", i%9)), Seed: uint64(i)}
	}
	requests[33] = inference.Request{Messages: user("the fox"), Seed: 7}
	streamed := make([]string, len(requests))
	among, err := e.Generate(t.Context(), "policy", requests, options, func(i int, text string) { streamed[i] += text })
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(among[33], alone[0]) {
		t.Errorf("the same request gave %+v alone and %+v in a batch", alone[0], among[33])
	}
	different := 0
	for i, reply := range among {
		if reply.Tokens > 20 || reply.LogProb >= 0 {
			t.Errorf("reply %d: %+v", i, reply)
		}
		if rest, ok := strings.CutPrefix(reply.Text, streamed[i]); !ok || rest != "" && rest != "\uFFFD" {
			t.Errorf("reply %d is %q, but %q was streamed", i, reply.Text, streamed[i])
		}
		if reply.Text != among[0].Text {
			different++
		}
	}
	if different < 30 {
		t.Errorf("only %d of 39 replies with other seeds differ", different)
	}
}

func TestLongConversationIsTrimmed(t *testing.T) {
	e, _ := engine(t)
	replies, err := e.Generate(t.Context(), "policy", []inference.Request{
		{Messages: user(strings.Repeat("quick brown fox ", 200)), Seed: 1}, {Messages: user("fox"), Seed: 1},
	}, inference.Options{MaxNew: 8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !replies[0].Trimmed || replies[1].Trimmed {
		t.Errorf("trimmed: %v and %v, want true and false", replies[0].Trimmed, replies[1].Trimmed)
	}
}

// TestScore compares a batch of scores with the scalar head read directly, one sequence at a time.
func TestScore(t *testing.T) {
	e, _ := engine(t)
	var items []inference.Judged
	for i := range 60 {
		items = append(items, inference.Judged{Messages: user("the dog " + strings.Repeat("jumps ", i%7)), Reply: strings.Repeat("over ", 1+i%5)})
	}
	scores, err := e.Score(t.Context(), "reward", items)
	if err != nil {
		t.Fatal(err)
	}
	reward := tiny(t)["reward"]
	chat, err := tokenizer.NewChat(reward.Tokenizer)
	if err != nil {
		t.Fatal(err)
	}
	pass := model.NewPass(reward.Weights.Config, 96, 1, 96)
	out := make([]float32, 96)
	for i, item := range items {
		ids := append(chat.Prompt([]tokenizer.Message{{Role: "user", Content: item.Messages[0].Content}}), chat.Reply(item.Reply)...)
		pass.Forward(reward.Weights, model.Batch{Tokens: ids, Lengths: []int{len(ids)}})
		pass.Scalars(out[:len(ids)])
		want := float64(out[len(ids)-1]) - 0.25
		if math.Abs(scores[i]-want) > 1e-6 {
			t.Fatalf("score %d is %v, want %v", i, scores[i], want)
		}
	}
}

func TestBadCalls(t *testing.T) {
	e, _ := engine(t)
	one := []inference.Request{{Messages: user("fox"), Seed: 1}}
	judged := []inference.Judged{{user("fox"), "dog"}}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		err  func() error
		want ranking.Code
	}{
		{"unknown checkpoint", func() error { _, err := e.Generate(t.Context(), "nobody", one, inference.Sampled, nil); return err }, ranking.CodeNotFound},
		{"text from a reward model", func() error { _, err := e.Generate(t.Context(), "reward", one, inference.Sampled, nil); return err }, ranking.CodeInvalid},
		{"score from a policy", func() error { _, err := e.Score(t.Context(), "policy", judged); return err }, ranking.CodeInvalid},
		{"empty conversation", func() error {
			_, err := e.Generate(t.Context(), "policy", []inference.Request{{}}, inference.Sampled, nil)
			return err
		}, ranking.CodeInvalid},
		{"too many tokens", func() error {
			_, err := e.Generate(t.Context(), "policy", one, inference.Options{MaxNew: inference.MaxNew + 1}, nil)
			return err
		}, ranking.CodeInvalid},
		{"too many requests", func() error {
			_, err := e.Generate(t.Context(), "policy", make([]inference.Request, inference.MaxRequests+1), inference.Sampled, nil)
			return err
		}, ranking.CodeTooLarge},
		{"reply that does not fit", func() error {
			_, err := e.Score(t.Context(), "reward", []inference.Judged{{user("fox"), strings.Repeat("zebra ", 90)}})
			return err
		}, ranking.CodeTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.err(); ranking.ErrorCode(err) != test.want {
				t.Errorf("got %v (%s), want %s", err, ranking.ErrorCode(err), test.want)
			}
		})
	}
	if _, err := e.Generate(canceled, "policy", one, inference.Sampled, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call gave %v", err)
	}
}

func TestFewCheckpointsStayLoaded(t *testing.T) {
	e, loads := engine(t)
	generate := func(name string) {
		t.Helper()
		if _, err := e.Generate(t.Context(), name, []inference.Request{{Messages: user("fox"), Seed: 1}}, inference.Options{MaxNew: 1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"policy1", "policy2", "policy1", "policy3", "policy1"} {
		generate(name)
	}
	if loads.Load() != 3 {
		t.Errorf("%d loads of three checkpoints that fit in memory together", loads.Load())
	}
	generate("policy4") // in place of policy2, which was used longest ago
	generate("policy1")
	if loads.Load() != 4 {
		t.Errorf("%d loads; the checkpoint used last was dropped", loads.Load())
	}
	generate("policy2")
	if loads.Load() != 5 {
		t.Errorf("%d loads; more checkpoints stayed in memory than should", loads.Load())
	}
}

// A prompt that is given raw is continued as it stands: the same as a conversation where it is one written out.
func TestRawPrompt(t *testing.T) {
	e, _ := engine(t)
	options := inference.Options{MaxNew: 12, Temperature: 1}
	laidOut := "<|im_start|>user\nthe fox<|im_end|>\n<|im_start|>assistant\n"
	replies, err := e.Generate(t.Context(), "policy", []inference.Request{{Messages: user("the fox"), Seed: 3}, {Raw: laidOut, Seed: 3}, {Raw: "the fox", Seed: 3}}, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(replies[0].IDs, replies[1].IDs) || slices.Equal(replies[0].IDs, replies[2].IDs) {
		t.Errorf("%v, written out %v, bare %v", replies[0].IDs, replies[1].IDs, replies[2].IDs)
	}
	long, err := e.Generate(t.Context(), "policy", []inference.Request{{Raw: strings.Repeat("the fox ", 200)}}, options, nil)
	if err != nil || !long[0].Trimmed {
		t.Errorf("a long prompt: %+v, %v", long, err)
	}
}

// A model without chat tokens continues text, and says why it answers nobody. Its own end token ends its text.
func TestModelWithoutChat(t *testing.T) {
	vocabulary, err := tokenizer.Train(slices.Values([]string{strings.Repeat("the quick brown fox ", 20)}), 270, []string{"<|eot|>"})
	if err != nil {
		t.Fatal(err)
	}
	config := model.Config{Vocab: vocabulary.Size(), Context: 64, Layers: 1, Heads: 2, Dim: 16, Hidden: 32, LayerNormEps: 1e-5, Head: model.LanguageModel}
	weights := model.NewWeights(config)
	weights.Init(1)
	end, _ := vocabulary.Special("<|eot|>")
	checkpoint := &model.Checkpoint{Weights: weights, Tokenizer: vocabulary, Meta: model.Meta{Kind: model.PolicyKind}}
	checkpoint.Special.EOS = append(checkpoint.Special.EOS, end)
	e := inference.NewEngine(func(context.Context, string) (*model.Checkpoint, error) { return checkpoint, nil })
	options := inference.Options{MaxNew: 40, Temperature: 1}
	if _, err := e.Generate(t.Context(), "m", []inference.Request{{Messages: user("hello")}}, options, nil); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("a conversation: %v", err)
	}
	requests := make([]inference.Request, 200)
	for i := range requests {
		requests[i] = inference.Request{Raw: "the quick", Seed: uint64(i)}
	}
	replies, err := e.Generate(t.Context(), "m", requests, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := 0
	for _, reply := range replies {
		if reply.Ended {
			ended++
		}
		if reply.Ended != (reply.IDs[len(reply.IDs)-1] == end) || !reply.Ended && len(reply.IDs) != 40 {
			t.Errorf("%+v", reply)
		}
	}
	if ended == 0 {
		t.Error("none of 200 random texts ended")
	}
}
