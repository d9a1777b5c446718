package trainer

import (
	"context"
	"slices"
	"strings"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// FewShotPlan says how questions are put to a policy.
type FewShotPlan struct {
	Shots  int   // examples before each question
	Raw    bool  // as text to continue, for models that know no conversations; else examples are earlier turns
	MaxNew int   // tokens of a free answer
	Seed   int64 // draws the examples
}

const fewShotBatch = 16 // questions between two looks at the context

// EvaluateFewShot puts questions to a policy, each after examples drawn anew for it (Brown et al. 2020, section 2): from the
// lines that are examples, else from the other questions. A choice is made by the log-likelihood of its options, as in EleutherAI's
// evaluation harness: in all, and by byte. onDone hears how many questions have been put.
func EvaluateFewShot(ctx context.Context, policy *model.Checkpoint, questions []ranking.TestQuestion, plan FewShotPlan, onDone func(done, total int)) (*ranking.FewShotReport, error) {
	if policy.Weights.Config.Head != model.LanguageModel {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is a reward model and writes no replies", policy.Meta.Name)
	}
	f, err := newFewShot(policy, questions, plan)
	if err != nil {
		return nil, err
	}
	report := &ranking.FewShotReport{Shots: plan.Shots}
	asked := slices.DeleteFunc(slices.Clone(questions), func(q ranking.TestQuestion) bool { return q.Example })
	for from := 0; from < len(asked); from += fewShotBatch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := asked[from:min(from+fewShotBatch, len(asked))]
		if err := f.ask(ctx, part, report); err != nil {
			return nil, err
		}
		onDone(from+len(part), len(asked))
	}
	f.summarize(asked, report)
	return report, nil
}

type fewShot struct {
	policy    *model.Checkpoint
	plan      FewShotPlan
	context   int       // tokens
	sequences sequencer // of conversations; unused for text to continue
	stop      []int32
	engine    *engine
	sampler   *model.Sampler
	examples  []ranking.TestQuestion
	drawn     bool // examples are questions too: none is its own
}

func newFewShot(policy *model.Checkpoint, questions []ranking.TestQuestion, plan FewShotPlan) (*fewShot, error) {
	shape := policy.Weights.Config
	f := &fewShot{policy: policy, plan: plan, context: shape.Context, stop: slices.Clone([]int32(policy.Special.EOS))}
	if plan.MaxNew < 1 || plan.MaxNew >= shape.Context {
		return nil, ranking.Errorf(ranking.CodeInvalid, "an answer of %d tokens leaves no room for the question: the model's context is %d", plan.MaxNew, shape.Context)
	}
	if !plan.Raw {
		var err error
		if f.sequences, err = newSequencer(policy.Tokenizer, shape.Context, plan.MaxNew); err != nil {
			return nil, err
		}
		f.stop = append(f.stop, f.sequences.chat.End, f.sequences.chat.Document)
	} else if document, ok := policy.Tokenizer.Special(tokenizer.DocumentToken); ok {
		f.stop = append(f.stop, document)
	}
	slices.Sort(f.stop)
	f.stop = slices.Compact(f.stop)
	f.examples = slices.DeleteFunc(slices.Clone(questions), func(q ranking.TestQuestion) bool { return !q.Example })
	if f.drawn = len(f.examples) == 0; f.drawn {
		f.examples = questions
	}
	available := len(f.examples)
	if f.drawn {
		available--
	}
	if plan.Shots < 0 || plan.Shots > available {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%d examples were asked for, but there are %d to draw from", plan.Shots, available)
	}
	f.engine = newEngine(shape, policySampleTokens, shape.Context)
	f.sampler = model.NewSampler(shape, fewShotBatch)
	return f, nil
}

// shots are the examples before a question.
func (f *fewShot) shots(q ranking.TestQuestion) []ranking.TestQuestion {
	var shots []ranking.TestQuestion
	random := newStream(f.plan.Seed, "few shot "+q.ID)
	for _, i := range random.Perm(len(f.examples)) {
		if len(shots) == f.plan.Shots {
			break
		}
		if !f.drawn || f.examples[i].ID != q.ID {
			shots = append(shots, f.examples[i])
		}
	}
	return shots
}

// layOut writes examples and question in at most `room` tokens; whole examples are left out where there is less.
func (f *fewShot) layOut(q ranking.TestQuestion, room int) (prompt []int32, text string, trimmed bool) {
	shots := f.shots(q)
	for left := 0; ; left++ {
		if f.plan.Raw {
			var b strings.Builder
			for _, s := range shots[left:] {
				b.WriteString(s.Prompt + " " + s.Answer + "\n\n")
			}
			text = b.String() + q.Prompt
			prompt = f.policy.Tokenizer.Encode(text)
		} else {
			var turns []ranking.Message
			for _, s := range shots[left:] {
				turns = append(turns, ranking.Message{Role: "user", Content: s.Prompt}, ranking.Message{Role: "assistant", Content: s.Answer})
			}
			unbounded := f.sequences
			unbounded.context = 1 << 30
			prompt, _ = unbounded.prompt(append(turns, ranking.Message{Role: "user", Content: q.Prompt}))
		}
		if len(prompt) <= room {
			return prompt, text, left > 0
		}
		if left == len(shots) { // the question alone is too long: its end is what matters
			return prompt[len(prompt)-room:], "", true
		}
	}
}

// option is a prompt continued by an option; the option's tokens are predicted.
func (f *fewShot) option(prompt []int32, text, option string) item {
	if f.plan.Raw && text != "" { // as one text: tokens do not end where the prompt does in every vocabulary
		return item{tokens: f.policy.Tokenizer.Encode(text + " " + option), from: len(prompt)}
	}
	if f.plan.Raw {
		option = " " + option
	}
	reply := f.policy.Tokenizer.Encode(option) // without an end, which is the same for all
	return item{tokens: append(slices.Clone(prompt), reply...), from: len(prompt)}
}

// ask puts some questions.
func (f *fewShot) ask(ctx context.Context, questions []ranking.TestQuestion, report *ranking.FewShotReport) error {
	room := f.context - f.plan.MaxNew
	prompts, seeds := make([][]int32, len(questions)), make([]uint64, len(questions))
	results := make([]ranking.FewShotQuestion, len(questions))
	var items []item
	for i, q := range questions {
		var text string
		var trimmed bool
		prompts[i], text, trimmed = f.layOut(q, room)
		if trimmed {
			report.Trimmed++
		}
		results[i] = ranking.FewShotQuestion{ID: q.ID, Answer: q.Answer}
		for _, option := range q.Options {
			it := f.option(prompts[i], text, option)
			if len(it.tokens) > f.context || it.predicted() < 1 {
				return ranking.Errorf(ranking.CodeTooLarge, "question %q: an option has no room in the model's context of %d tokens", q.ID, f.context)
			}
			items = append(items, it)
		}
	}
	if err := f.answer(ctx, prompts, seeds, results); err != nil {
		return err
	}
	rows := make([][]float32, len(items))
	for i, it := range items {
		rows[i] = make([]float32, it.predicted())
	}
	f.engine.score(f.policy.Weights, items, rows)
	next := 0
	for i, q := range questions {
		for range q.Options {
			sum := 0.0
			for _, x := range rows[next] {
				sum += float64(x)
			}
			results[i].LogLikelihoods = append(results[i].LogLikelihoods, sum)
			next++
		}
		if len(q.Options) > 0 {
			chosen := mostProbable(q, results[i].LogLikelihoods, false)
			results[i].Chosen = &chosen
		}
	}
	report.Questions = append(report.Questions, results...)
	return nil
}

// answer fills in the greedy answers: to the end token of a conversation, to the end of the line in text.
func (f *fewShot) answer(ctx context.Context, prompts [][]int32, seeds []uint64, results []ranking.FewShotQuestion) error {
	f.sampler.SetWeights(f.policy.Weights)
	samples, err := f.sampler.Generate(ctx, prompts, seeds, model.SampleOptions{MaxNew: f.plan.MaxNew, Stop: f.stop}, nil)
	if err != nil {
		return err
	}
	for i, sample := range samples {
		tokens := sample.Tokens
		if sample.Ended {
			tokens = tokens[:len(tokens)-1]
		}
		text := f.policy.Tokenizer.Decode(tokens)
		if f.plan.Raw {
			text, _, _ = strings.Cut(strings.TrimLeft(text, " \n"), "\n")
		}
		results[i].Greedy = oneSpace(text)
		results[i].Exact = essence(text) == essence(results[i].Answer)
	}
	return nil
}

// oneSpace leaves no more of white space than what tells words apart.
func oneSpace(text string) string { return strings.Join(strings.Fields(text), " ") }

// essence is what is compared of an answer: without a full stop at its end, with which a model may close what it says.
func essence(text string) string { return strings.TrimRight(oneSpace(text), ".") }

// mostProbable is the option with the highest log-likelihood, in all or by byte; of equal ones the first.
func mostProbable(q ranking.TestQuestion, logLikelihoods []float64, byByte bool) int {
	best, at := 0.0, -1
	for i, x := range logLikelihoods {
		if byByte {
			x /= float64(len(q.Options[i]))
		}
		if at < 0 || x > best {
			best, at = x, i
		}
	}
	return at
}

func (f *fewShot) summarize(questions []ranking.TestQuestion, report *ranking.FewShotReport) {
	var exact, right, rightByByte []ranking.Proportion
	chance := 0.0
	one := func(yes bool) ranking.Proportion { return ranking.Proportion{Count: boolean(yes), Of: 1} }
	for i, q := range questions {
		result := report.Questions[i]
		exact = append(exact, one(result.Exact))
		if len(q.Options) == 0 {
			continue
		}
		right = append(right, one(q.Options[*result.Chosen] == q.Answer))
		rightByByte = append(rightByByte, one(q.Options[mostProbable(q, result.LogLikelihoods, true)] == q.Answer))
		chance += 1 / float64(len(q.Options))
	}
	seed := uint64(f.plan.Seed)
	report.ExactMatch, report.Accuracy, report.AccuracyNormalized = ranking.NewShare(exact, seed), ranking.NewShare(right, seed), ranking.NewShare(rightByByte, seed)
	if len(right) > 0 {
		chance /= float64(len(right))
		report.Chance = &chance
	}
}
