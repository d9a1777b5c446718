package demo

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"rankloop/internal/demo/judge"
	"rankloop/internal/inference"
)

func scored(score float64, tokens int, text string) answer {
	return answer{inference.Reply{Text: text, Tokens: tokens, Ended: true}, judge.Verdict{Score: score}}
}

func TestWinRateCountsATieAsHalf(t *testing.T) {
	var duels []duel
	for range 60 {
		duels = append(duels, duel{scored(0.2, 5, ""), scored(0.8, 5, "")})
	}
	for range 20 {
		duels = append(duels, duel{scored(0.5, 5, ""), scored(0.5, 5, "")}, duel{scored(0.9, 5, ""), scored(0.1, 5, "")})
	}
	rate := winRate(duels)
	if rate.Wins != 60 || rate.Ties != 20 || rate.Losses != 20 || rate.Value != 0.7 {
		t.Errorf("60 won, 20 tied and 20 lost give %+v", rate)
	}
	// A mean of 100 draws of variance 0.16 has a standard error of 0.04.
	if width := rate.Interval[1] - rate.Interval[0]; math.Abs(width-4*0.04) > 0.03 {
		t.Errorf("the interval %v is %.3f wide", rate.Interval, width)
	}
	if rate.Interval[0] > rate.Value || rate.Interval[1] < rate.Value {
		t.Errorf("%v does not hold %.2f", rate.Interval, rate.Value)
	}
}

func TestNothingToCompare(t *testing.T) {
	if rate := winRate(nil); rate != (WinRate{}) {
		t.Errorf("no duels give %+v", rate)
	}
}

func TestMatchedLength(t *testing.T) {
	for _, test := range []struct {
		before, after int
		matched       bool
	}{{8, 8, true}, {8, 10, true}, {10, 8, true}, {8, 11, false}, {4, 5, true}, {1, 2, false}} {
		if got := (duel{scored(0, test.before, ""), scored(0, test.after, "")}).sameLength(); got != test.matched {
			t.Errorf("%d against %d tokens: %v", test.before, test.after, got)
		}
	}
}

func TestDistinct2(t *testing.T) {
	if got := distinct2([]answer{scored(0, 0, "a b a b"), scored(0, 0, "A b")}); got != 0.5 {
		t.Errorf("2 of 4 word pairs differ, not %.2f of them", got)
	}
	block := make([]answer, distinctBlock)
	for i := range block {
		block[i] = scored(0, 0, fmt.Sprintf("word %d again", i))
	}
	if one, two := distinct2(block), distinct2(slices.Concat(block, block)); one != 1 || two != one {
		t.Errorf("%.2f of one block, %.2f of the same block twice: the number of blocks must not matter", one, two)
	}
}

func TestLengthR2(t *testing.T) {
	line := []answer{scored(0.1, 1, ""), scored(0.2, 2, ""), scored(0.3, 3, "")}
	if got := lengthR2(line); math.Abs(got-1) > 1e-9 {
		t.Errorf("a straight line explains %.3f", got)
	}
	flat := []answer{scored(0.1, 1, ""), scored(0.9, 2, ""), scored(0.1, 3, "")}
	if got := lengthR2(flat); got > 1e-9 {
		t.Errorf("length explains %.3f of a score that it has no part in", got)
	}
}
