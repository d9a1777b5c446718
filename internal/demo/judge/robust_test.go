package judge

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func goldenLines() [][]string {
	var all [][]string
	for _, line := range strings.Split(strings.TrimSpace(goldenTable), "\n") {
		all = append(all, strings.Split(line, " | "))
	}
	return all
}

// draw returns a prompt or reply: a golden one, a shuffled or cut one, pieces of
// several, or any string at all.
func draw(t *rapid.T, label string, lines [][]string, from int) string {
	pick := func() string {
		return rapid.SampledFrom(rapid.SampledFrom(lines).Draw(t, label+"Line")[from:]).Draw(t, label)
	}
	words := strings.Fields(pick())
	switch rapid.IntRange(0, 4).Draw(t, label+"How") {
	case 0:
		return strings.Join(words, " ")
	case 1:
		return strings.Join(rapid.Permutation(words).Draw(t, label+"Order"), " ")
	case 2:
		return strings.Join(words[:rapid.IntRange(0, len(words)).Draw(t, label+"Cut")], " ")
	case 3:
		return strings.Join(words, " ") + " " + pick()
	}
	return rapid.String().Draw(t, label+"Any")
}

func TestJudgeNeverFails(t *testing.T) {
	lines := goldenLines()
	rapid.Check(t, func(t *rapid.T) {
		prompt, reply := draw(t, "prompt", lines, 1), draw(t, "reply", lines, 2)
		ended := rapid.Bool().Draw(t, "ended")
		v := Judge(prompt, reply, ended)
		for _, part := range []float64{v.Answers, v.Facts, v.Repetition, v.Form, v.Score} {
			if !(part >= 0 && part <= 1) || math.IsNaN(part) {
				t.Fatalf("%q => %q: %+v", prompt, reply, v)
			}
		}
		if v.Accepted && (!ended || v.Answers < 1 || v.Facts < 1 || v.Repetition < 1 || v.Form < 1) {
			t.Fatalf("accepted with a part missing: %+v", v)
		}
		if empty := Judge(prompt, " ", ended); empty.Score != 0 || empty.Score > v.Score {
			t.Fatalf("the empty reply scores %v, %q scores %v", empty.Score, reply, v.Score)
		}
		if again := Judge(prompt, reply, ended); again != v {
			t.Fatalf("%+v, then %+v", v, again)
		}
	})
}

// Each wording of a request may be cut off anywhere.
func TestCutPromptsAreNoTrouble(t *testing.T) {
	prompts := []string{
		"One trumpet, two what?", "How do I say trumpet in the plural?", "Text: Zoe's map is white. Her phone is grey. Question: What colour is the map?",
		"There is a mistake in this sentence. Fix it: Leo has an shoe.", "First Clara has 7 socks. Then she gets 6 more. How many are there now?",
		"I want to bake bread for a living. What is that job?", "Which letter does car have in the last place?", "Spell this word, letter by letter: sock.",
		"Here is a riddle. It is a small insect. It has six legs.", "I have a party at the zoo on Monday. Please invite Ben.",
		"Kate is leaving and is going to the zoo. What can I say?", "Tell me the opposite of light and of down.", "Answer with yes or no and say why: is a mirror an animal?",
	}
	for _, line := range goldenLines() {
		prompts = append(prompts, line[1])
	}
	for _, p := range prompts {
		words := strings.Fields(p)
		for from := range words {
			for to := from; to <= len(words); to++ {
				Judge(strings.Join(words[from:to], " "), "A trumpet is two what: the answer is 7, and so on.", true)
			}
		}
	}
}

// A sentence from elsewhere never helps.
func TestRamblingNeverHelps(t *testing.T) {
	lines := goldenLines()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(lines).Draw(t, "line")
		good := rapid.SampledFrom(f[2:4]).Draw(t, "reply")
		stray := rapid.SampledFrom([]string{
			"Well, let me think about this.", "And so it goes.", "Birds build nests because they need a safe place for their eggs.",
			"A tractor is a strong vehicle.", "I do not know.", "Some people say this and some people say that.",
		}).Draw(t, "stray")
		mixed := good + " " + stray
		if rapid.Bool().Draw(t, "before") {
			mixed = stray + " " + good
		}
		if with, without := Judge(f[1], mixed, true), Judge(f[1], good, true); with.Accepted || with.Score >= without.Score {
			t.Fatalf("%s => %s\n%+v\n%+v", f[1], mixed, with, without)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	lines := goldenLines()
	for i := range b.N {
		f := lines[i%len(lines)]
		Judge(f[1], f[2+i/len(lines)%4], true)
	}
}
