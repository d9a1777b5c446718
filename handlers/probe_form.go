package handlers

import (
	"net/url"
	"strconv"
	"strings"

	"rankloop/ranking"
	"rankloop/views"
)

// The fields of a mark: whether the rule was broken, and each passage that breaks it as <turn>:<start>-<end>.
const (
	verdictField = "verdict"
	spanField    = "span"
)

// markFromForm reads the mark of a form; nil where it says none.
func markFromForm(form url.Values) (*ranking.Mark, error) {
	if !form.Has(verdictField) && !form.Has(spanField) {
		return nil, nil
	}
	mark := ranking.Mark{Verdict: ranking.Verdict(form.Get(verdictField))}
	for _, value := range form[spanField] {
		span, ok := readSpan(value)
		if !ok {
			return nil, ranking.Errorf(ranking.CodeInvalid, "the request could not be read")
		}
		mark.Spans = append(mark.Spans, span)
	}
	mark = mark.Tidy()
	return &mark, nil
}

func readSpan(value string) (span ranking.Span, ok bool) {
	turn, passage, found := strings.Cut(value, ":")
	start, end, found2 := strings.Cut(passage, "-")
	var errs [3]error
	span.Turn, errs[0] = strconv.Atoi(turn)
	span.Start, errs[1] = strconv.Atoi(start)
	span.End, errs[2] = strconv.Atoi(end)
	return span, found && found2 && errs == [3]error{}
}

// probeData lays a conversation under a rule out, with what is marked in it.
func probeData(probe ranking.Probe, talk ranking.Dialogue, mark *ranking.Mark) *views.ProbeData {
	if mark == nil {
		mark = &ranking.Mark{}
	}
	data := &views.ProbeData{Rule: probe.Rule, Version: probe.Version, Judge: probe.Of != 0, Verdict: mark.Verdict}
	for _, m := range talk.Opening {
		data.Turns = append(data.Turns, views.ProbeTurn{Role: m.Role, HTML: views.Markdown(m.Content)})
	}
	for i, t := range talk.Turns {
		if t.Said != "" {
			data.Turns = append(data.Turns, views.ProbeTurn{Role: "user", HTML: views.Markdown(t.Said)})
		}
		if t.Reply == "" {
			continue
		}
		turn := views.ProbeTurn{Role: "assistant", Turn: i + 1, HTML: views.Markdown(t.Reply), Text: t.Reply}
		for _, s := range mark.Spans {
			if s.Turn == i+1 {
				turn.Marked = append(turn.Marked, s.Passage)
			}
		}
		data.Turns = append(data.Turns, turn)
	}
	return data
}
