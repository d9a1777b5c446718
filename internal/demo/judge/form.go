package judge

import "strings"

// What a slip of form costs.
const (
	noCapital     = 0.35 // at the start of the reply
	noEndMark     = 0.35 // at the end of the reply
	notEnded      = 0.5  // ran into the length limit
	innerSlip     = 0.25 // a later sentence without capital or mark, a name in lower case
	wrongArticle  = 0.3  // "a apple"
	brokenWord    = 0.4  // a word that the language does not have
	untidy        = 0.2  // double spaces, marks after spaces, strange characters
	strayCapital  = 0.2  // a capital in the middle of a sentence
	tooLong       = 0.4
	maxWords      = 80
	maxSentences  = 8
	mostDeduction = 1.0
)

// form grades how the reply is written.
func form(r reply, request request, ended bool) float64 {
	lost := 0.0
	first, last := r.all[0], r.all[len(r.all)-1]
	if c := first.raw[0][0]; !isUpper(c) && !isDigit(c) {
		lost += noCapital
	}
	if last.end == 0 {
		lost += noEndMark
	}
	if !ended {
		lost += notEnded
	}
	if !r.tidy {
		lost += untidy
	}
	words := 0
	for i, s := range r.all {
		words += len(s.words)
		lost += sentenceSlips(s, i > 0, i < len(r.all)-1)
		lost += wordSlips(s, request)
	}
	if words > maxWords || len(r.all) > maxSentences {
		lost += tooLong
	}
	return 1 - min(lost, mostDeduction)
}

// sentenceSlips grades capitals and marks within the reply.
func sentenceSlips(s sentence, later, followed bool) float64 {
	lost := 0.0
	if c := s.raw[0][0]; later && !isUpper(c) && !isDigit(c) {
		lost += innerSlip
	}
	if followed && s.end == 0 {
		lost += innerSlip
	}
	for i, w := range s.words {
		written := s.raw[i]
		name := needsCapital(strings.TrimSuffix(w, "'s"))
		switch {
		case name && !isUpper(written[0]):
			lost += innerSlip
		case !name && i > 0 && isUpper(written[0]) && s.words[i-1] != ":" && !isProper(w):
			lost += strayCapital
		case strings.ToUpper(written) == written && len(written) > 1 && isUpper(written[0]):
			lost += strayCapital
		}
	}
	return lost
}

// wordSlips grades articles and words.
func wordSlips(s sentence, request request) float64 {
	lost := 0.0
	for i, w := range s.words {
		if i > 0 && (s.words[i-1] == "a" || s.words[i-1] == "an") && !request.letters && isLower(w[0]) && s.words[i-1] != article(w) {
			lost += wrongArticle
		}
		if request.closed && !known(w) && !holdsPhrase(request.low, w) && !(request.letters && len(w) == 1) {
			lost += brokenWord
		}
	}
	return lost
}
