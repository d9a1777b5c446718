// Package judge is the hidden judge of the demonstration: it grades a reply to
// a short request in everyday English, with knowledge of its own.
//
// Simulated annotators rank by its score, and the demonstration measures with
// it whether tuning helped. It shares nothing with the generator of the base
// model's text or with the trainer: it reads a request with its own patterns,
// works out the answer from its own tables, and accepts any true reply, however
// it is worded. docs/base-model.md describes the language.
//
// A reply is read sentence by sentence. Each sentence must be one of the frames
// in which such a request is answered (kinds_*.go, frame.go) or a statement that
// is true of the thing in question (truth.go, world_*.go); any other sentence is
// waste, and waste lowers the first part. So a reply of right words in the wrong
// order is no answer, and a true sentence that nobody wrote before is one.
package judge

// A Verdict is the judge's opinion of one reply. The four parts and the score
// lie between 0 and 1.
type Verdict struct {
	Kind       string  // the kind of request, "other" where none was recognised
	Answers    float64 // answers the request: the right content, all of it, nothing else
	Facts      float64 // keeps the facts given, invents none
	Repetition float64 // 1: says nothing twice
	Form       float64 // capitals, end marks, whole words, ended by itself
	Score      float64 // weighted sum, with a bonus for the fuller of two good replies
	Accepted   bool    // every part is fully satisfied
}

// Name names the judge's parts, Description says how they are weighed.
const (
	Name        = "answers + facts + repetition + form"
	Description = "0.40 answers the request, 0.16 keeps the facts, 0.14 no repetition, 0.14 form, and 0.16 for the fuller of accepted replies"
)

// The weights add up to 1. The bonus goes to accepted replies alone, so that
// the score still tells good replies from better ones.
const (
	answersWeight    = 0.40
	factsWeight      = 0.16
	repetitionWeight = 0.14
	formWeight       = 0.14
	bonusWeight      = 0.16
)

// maxReplyBytes bounds the work; what comes after it is not read, and such a
// reply is never accepted.
const maxReplyBytes = 4000

// full is the smallest part that counts as fully satisfied.
const full = 1 - 1e-9

// Judge grades a reply. ended is false where the reply ran into the length
// limit: such a reply is never accepted. An empty reply scores 0.
func Judge(prompt, text string, ended bool) Verdict {
	request := recognise(prompt)
	v := Verdict{Kind: request.kind}
	if len(text) > maxReplyBytes {
		text, ended = text[:maxReplyBytes], false
	}
	r := readReply(text)
	if len(r.sentences) == 0 {
		return v
	}
	g := request.checker.grade(r)
	v.Answers = clamp(g.answers)
	v.Facts = clamp(g.facts)
	v.Repetition = clamp(r.repetition - g.repeats)
	v.Form = clamp(form(r, request, ended))
	v.Accepted = ended && v.Answers >= full && v.Facts >= full && v.Repetition >= full && v.Form >= full
	v.Score = answersWeight*v.Answers + factsWeight*v.Facts + repetitionWeight*v.Repetition + formWeight*v.Form
	if v.Accepted {
		v.Score += bonusWeight * clamp(g.rich)
	}
	return v
}

// clamp brings x into [0, 1]; not-a-number becomes 0.
func clamp(x float64) float64 {
	if x > 1 {
		return 1
	}
	if x > 0 {
		return x
	}
	return 0
}
