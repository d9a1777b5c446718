package jobs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"rankloop/ranking"
	"rankloop/trainer"
)

// sampledLine is a prompt with all replies to it, as a line of a prompt set: such a file can be imported, so that people
// rank the replies, or scored by another program. What was measured lies in its metadata, in the order of the responses.
type sampledLine struct {
	ID        string            `json:"id"`
	Messages  []ranking.Message `json:"messages"`
	Responses []sampledReply    `json:"responses"`
	Metadata  struct {
		Measured *measured `json:"measured"`
	} `json:"metadata"`
}

type sampledReply struct {
	Text  string `json:"text"`
	Model string `json:"model"`
}

type measured struct {
	Reference string         `json:"reference"`
	Proxy     string         `json:"proxy"` // its name
	Steps     map[string]int `json:"steps"`
	KL        []float64      `json:"kl"`
	Scores    []float64      `json:"proxy_scores"`
	Tokens    []int          `json:"tokens"`
	Ended     []bool         `json:"ended"`
}

// Write writes what was sampled as a prompt set.
func (s *Sampled) Write(w io.Writer) error {
	lines := make([]sampledLine, len(s.Prompts))
	for i, p := range s.Prompts {
		lines[i].ID, lines[i].Messages = p.ID, p.Messages
		lines[i].Metadata.Measured = &measured{Reference: s.Reference, Proxy: s.Proxy, Steps: s.Steps}
	}
	for _, r := range s.Replies {
		line := &lines[r.Prompt]
		line.Responses = append(line.Responses, sampledReply{r.Text, r.Policy})
		m := line.Metadata.Measured
		m.KL, m.Scores = append(m.KL, r.KL), append(m.Scores, r.Proxy)
		m.Tokens, m.Ended = append(m.Tokens, r.Tokens), append(m.Ended, r.Ended)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// ReadSampled reads what Write wrote. Replies come by policy, as they were drawn.
func ReadSampled(name string, r io.Reader) (*Sampled, error) {
	s := &Sampled{}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxRecordBytes)
	var order []string
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var line sampledLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", name, number, err.Error()).WithCause(err)
		}
		if err := s.add(line, &order); err != nil {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", name, number, err.Error())
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "a line is longer than %d MiB", maxRecordBytes>>20)
	}
	if lines.Err() == nil && len(s.Prompts) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s is empty", name)
	}
	slices.SortStableFunc(s.Replies, func(a, b ranking.ScoredReply) int {
		return slices.Index(order, a.Policy) - slices.Index(order, b.Policy)
	})
	return s, lines.Err()
}

var errNoSamples = errors.New("this is no line of replies that model eval wrote with --samples")

func (s *Sampled) add(line sampledLine, order *[]string) error {
	m, n := line.Metadata.Measured, len(line.Responses)
	if m == nil || n == 0 || len(m.KL) != n || len(m.Scores) != n || len(m.Tokens) != n || len(m.Ended) != n || len(line.Messages) == 0 {
		return errNoSamples
	}
	if len(s.Prompts) == 0 {
		s.Reference, s.Proxy, s.Steps = m.Reference, m.Proxy, m.Steps
	} else if m.Reference != s.Reference || m.Proxy != s.Proxy {
		return errors.New("it was measured against another reference or reward model than the lines above")
	}
	prompt := len(s.Prompts)
	s.Prompts = append(s.Prompts, trainer.Prompt{ID: line.ID, Messages: line.Messages})
	for i, reply := range line.Responses {
		if !slices.Contains(*order, reply.Model) {
			*order = append(*order, reply.Model)
		}
		s.Replies = append(s.Replies, ranking.ScoredReply{
			Prompt: prompt, Policy: reply.Model, Text: reply.Text, Tokens: m.Tokens[i], Ended: m.Ended[i], KL: m.KL[i], Proxy: m.Scores[i],
		})
	}
	return nil
}

// AddGold takes gold scores by prompt id, in the order of a prompt's responses in the file.
func (s *Sampled) AddGold(truth ranking.Truth) error {
	at := make([]int, len(s.Prompts))
	for i := range s.Replies {
		r := &s.Replies[i]
		id := s.Prompts[r.Prompt].ID
		scores, ok := truth[id]
		if !ok {
			return ranking.Errorf(ranking.CodeInvalid, "the file of scores lacks the prompt %q", id)
		}
		if at[r.Prompt] == len(scores) {
			return ranking.Errorf(ranking.CodeInvalid, "the prompt %q has more replies than scores, of which there are %d", id, len(scores))
		}
		r.Gold = &scores[at[r.Prompt]]
		at[r.Prompt]++
	}
	for i, n := range at {
		if id := s.Prompts[i].ID; n != len(truth[id]) {
			return ranking.Errorf(ranking.CodeInvalid, "the prompt %q has %d replies and %d scores", id, n, len(truth[id]))
		}
	}
	return nil
}
