package judge

import "strings"

// Reasons and seasons.

var (
	reasonFrames = join(
		frames(.1, "because {v}", "{v}"),
		frames(.4, "(they|people) do it because {v}", "(they|people) do (this|that) because {v}", "it is because {v}", "they {do} because {v}"),
		frames(.5, "the reason is that {v}", "one reason is that {v}"),
		frames(1, "{clause} because {v}", "the reason that {clause} is that {v}", "{clause} , because {v}"))
	seasonFrames = join(
		frames(0, "{s}", "in {s}", "it is {s}", "in the {s}"),
		frames(.2, "the answer is {s}", "{s} is (the|) best", "{s} is good", "{s} is the best season"),
		frames(.4, "({who}|{pro}|you|people) can do it in {s}", "the best season is {s}", "it is best in {s}"),
		frames(.7, "({who}|{pro}|you|people) can {do} in {s}", "{s} is the best season to {do}", "in {s} {who} can {do}", "the best season to {do} is {s}", "{s} is a good season to {do}", "{s} is the (best|right) (season|time) to {do}", "it is best to {do} in {s}"),
		frames(.8, "in {s} , because {v}", "({who}|{pro}|you) can do it in {s} , because {v}", "{s} is the best season , because {v}"),
		frames(1, "({who}|{pro}|you|people) can {do} in {s} , because {v}", "{s} is the best season to {do} , because {v}"))
	seasonExtras = frames(.4, "{why}", "then {why}", "in {s} {why}")
)

func readReason(p *prompt) checker {
	if !p.has("why", "the reason that") {
		return nil
	}
	words := p.after("why do", "why", "the reason that")
	clause := strings.Join(words, " ")
	known := reasons[clause]
	if known == nil {
		return nil
	}
	_, do, _ := strings.Cut(clause, " ")
	return answer{
		frames: reasonFrames, bind: binding{"clause": {clause}, "do": {do}}, given: p.low,
		right: func(m match) float64 {
			v := m.gap("v")
			if contains(known, v) {
				return 1
			}
			for _, joint := range []string{" and ", " , and "} { // two true reasons
				if a, b, ok := strings.Cut(v, joint); ok && contains(known, a) && (contains(known, b) || contains(known, "they "+b)) {
					return 1
				}
			}
			return 0
		},
	}
}

var seasonActs = keysOf(seasonTable)

func readSeason(p *prompt) checker {
	if !p.has("season", "when in the year") {
		return nil
	}
	for _, do := range seasonActs {
		if !p.has(do) {
			continue
		}
		known := seasonDeeds[do]
		b := bindPerson(p.name())
		b["do"], b["s"] = []string{do}, seasonNames
		b["v"] = allSeasonReasons
		b["why"] = known[1:]
		return answer{
			frames: seasonFrames, bind: b, extras: seasonExtras, given: p.low,
			right: func(m match) float64 {
				switch {
				case m.gap("s") != known[0]:
					return 0
				case m.gap("v") != "" && !contains(known[1:], m.gap("v")):
					return 0.5
				}
				return 1
			},
		}
	}
	return nil
}

// allSeasonReasons lists the reasons of all deeds.
var allSeasonReasons = func() []string {
	var all []string
	for _, do := range seasonActs {
		for _, v := range seasonDeeds[do][1:] {
			if !contains(all, v) {
				all = append(all, v)
			}
		}
	}
	return all
}()
