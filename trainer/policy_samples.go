package trainer

import (
	"context"

	"rankloop/model"
	"rankloop/ranking"
)

// PolicyAt is a policy to sample from, read when its turn comes: a run's checkpoints need not fit memory together.
type PolicyAt struct {
	Name string
	Load func(ctx context.Context) (*model.Checkpoint, error)
}

// SamplePlan says how policies are sampled.
type SamplePlan struct {
	Seed      int64
	MaxNew    int // tokens of a reply, its end included
	PerPrompt int // replies of a policy to each prompt
	Pool      int // replies of the reference to each prompt, at least PerPrompt: what best-of-n chooses from
}

const (
	policySampleBatch  = 32   // replies sampled and measured between two looks at the context
	policySampleTokens = 4096 // read at once
)

// SamplePolicies draws replies of the reference and of policies to prompts, at temperature 1 and with the same random numbers
// for each, and measures their divergence from the reference and the proxy's score. A reply without an end of its own is
// scored as if it had one, less σ_ref. onDone hears of every batch.
func SamplePolicies(ctx context.Context, reference, proxy *model.Checkpoint, policies []PolicyAt, prompts []Prompt, plan SamplePlan, onDone func(done, total int)) ([]ranking.ScoredReply, error) {
	if reference.Weights.Config.Head != model.LanguageModel {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is a reward model and writes no replies", reference.Meta.Name)
	}
	s, err := newPolicySampler(reference, prompts, plan)
	if err != nil {
		return nil, err
	}
	judge, err := newReplyJudge(proxy, prompts)
	if err != nil {
		return nil, err
	}
	total := len(prompts) * (plan.Pool + len(policies)*plan.PerPrompt)
	var replies []ranking.ScoredReply
	sample := func(name string, w *model.Weights, each int) error {
		drawn, err := s.sample(ctx, name, w, each, func(batch []ranking.ScoredReply) error {
			for i, score := range judge.scores(batch) {
				batch[i].Proxy = score
			}
			onDone(len(replies)+len(batch), total)
			return nil
		})
		replies = append(replies, drawn...)
		return err
	}
	if err := sample(reference.Meta.Name, reference.Weights, plan.Pool); err != nil {
		return nil, err
	}
	for _, p := range policies {
		policy, err := p.Load(ctx)
		if err != nil {
			return nil, err
		}
		if policy.Weights.Config != reference.Weights.Config || !sameTokens(policy.Tokenizer, reference.Tokenizer) {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%q has another shape or tokenizer than %q, which it is compared with", p.Name, reference.Meta.Name)
		}
		if err := sample(p.Name, policy.Weights, plan.PerPrompt); err != nil {
			return nil, err
		}
	}
	return replies, nil
}

// JudgeReplies scores replies by another reward model, the gold one, by the same rules.
func JudgeReplies(ctx context.Context, gold *model.Checkpoint, prompts []Prompt, replies []ranking.ScoredReply, onDone func(done, total int)) error {
	judge, err := newReplyJudge(gold, prompts)
	if err != nil {
		return err
	}
	for from := 0; from < len(replies); from += policySampleBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := replies[from:min(from+policySampleBatch, len(replies))]
		for i, score := range judge.scores(part) {
			part[i].Gold = &score
		}
		onDone(from+len(part), len(replies))
	}
	return nil
}

// policySampler draws replies and measures them under the reference.
type policySampler struct {
	reference *model.Weights
	sequences sequencer
	engine    *engine
	sampler   *model.Sampler
	ids       [][]int32 // prompts
	plan      SamplePlan
}

func newPolicySampler(reference *model.Checkpoint, prompts []Prompt, plan SamplePlan) (*policySampler, error) {
	shape := reference.Weights.Config
	sequences, err := newSequencer(reference.Tokenizer, shape.Context, plan.MaxNew)
	if err != nil {
		return nil, err
	}
	s := &policySampler{reference: reference.Weights, sequences: sequences, plan: plan}
	longest := 0
	for _, p := range prompts {
		ids, _ := sequences.prompt(p.Messages)
		s.ids = append(s.ids, ids)
		longest = max(longest, len(ids))
	}
	s.engine = newEngine(shape, policySampleTokens, shape.Context)
	s.sampler = model.NewSampler(shape, policySampleBatch, model.Within(longest+plan.MaxNew))
	return s, nil
}

// sample draws `each` replies of w to every prompt, and hands them to measure batch by batch.
func (s *policySampler) sample(ctx context.Context, name string, w *model.Weights, each int, measure func([]ranking.ScoredReply) error) ([]ranking.ScoredReply, error) {
	replies := make([]ranking.ScoredReply, len(s.ids)*each)
	for i := range replies {
		replies[i] = ranking.ScoredReply{Prompt: i / each, Policy: name}
	}
	for from := 0; from < len(replies); from += policySampleBatch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := replies[from:min(from+policySampleBatch, len(replies))]
		if err := s.fill(ctx, w, part, from, each); err != nil {
			return nil, err
		}
		if err := measure(part); err != nil {
			return nil, err
		}
	}
	return replies, nil
}

// fill draws the replies of one batch, whose first is the one with the index from.
func (s *policySampler) fill(ctx context.Context, w *model.Weights, part []ranking.ScoredReply, from, each int) error {
	prompts, seeds := make([][]int32, len(part)), make([]uint64, len(part))
	for i := range part {
		prompts[i] = s.ids[part[i].Prompt]
		seeds[i] = streamKey(s.plan.Seed, "curve", uint64(part[i].Prompt), uint64((from+i)%each))[0]
	}
	s.sampler.SetWeights(w)
	samples, err := s.sampler.Generate(ctx, prompts, seeds, replyOptions(s.plan.MaxNew, s.sequences.chat.End), nil)
	if err != nil {
		return err
	}
	items := make([]item, len(part))
	own, reference := make([][]float32, len(part)), make([][]float32, len(part))
	for i, sample := range samples {
		items[i] = item{tokens: append(append([]int32(nil), prompts[i]...), sample.Tokens...), from: len(prompts[i])}
		own[i], reference[i] = make([]float32, len(sample.Tokens)), make([]float32, len(sample.Tokens))
		part[i].Tokens, part[i].Ended = len(sample.Tokens), sample.Ended
		part[i].Text = s.sequences.tokenizer.Decode(sample.Tokens)
	}
	if w != s.reference { // else the divergence is exactly 0
		s.engine.score(w, items, own)
		s.engine.score(s.reference, items, reference)
	}
	for i := range part {
		part[i].KL = sequenceKL(own[i], reference[i])
	}
	return nil
}

// replyJudge scores replies with a reward model by their text, laid out as in its training. Its tokenizer may be another
// than the policies'.
type replyJudge struct {
	reward    *model.Checkpoint
	engine    *engine
	sequences sequencer
	prompts   [][]int32
}

func newReplyJudge(reward *model.Checkpoint, prompts []Prompt) (*replyJudge, error) {
	if reward.Weights.Config.Head != model.Scalar {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is a language model and gives no scores", reward.Meta.Name)
	}
	s, err := newScorer(reward, policySampleTokens)
	if err != nil {
		return nil, err
	}
	j := &replyJudge{reward: reward, engine: s.engine, sequences: s.sequences}
	for _, p := range prompts {
		ids, _ := j.sequences.prompt(p.Messages)
		j.prompts = append(j.prompts, ids)
	}
	return j, nil
}

// scores are r(x, y) after the shift; those of unfinished replies lie σ_ref below, so that running on never pays.
func (j *replyJudge) scores(replies []ranking.ScoredReply) []float64 {
	sequences, fit := make([][]int32, len(replies)), make([]bool, len(replies))
	for i, r := range replies {
		sequences[i], fit[i] = j.sequences.completeOrCut(j.prompts[r.Prompt], r.Text)
	}
	rewards := make([]float32, len(replies))
	j.engine.rewards(j.reward.Weights, sequences, rewards)
	scores := make([]float64, len(replies))
	for i, r := range replies {
		scores[i] = float64(j.reward.Meta.Reward(rewards[i]))
		if !r.Ended || !fit[i] {
			scores[i] = unfinishedScore("subtract", scores[i], 1, j.reward.Meta.RewardStd)
		}
	}
	return scores
}
