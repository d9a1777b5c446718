package study

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"rankloop/ranking"
)

// judgedPrompt and judgedScores are the lines of a prompt set and of a truth, as far as a study reads them.
type judgedPrompt struct {
	ID        string            `json:"id"`
	Messages  []ranking.Message `json:"messages"`
	Responses []judgedReply     `json:"responses"`
	Metadata  json.RawMessage   `json:"metadata,omitempty"`
}

type judgedReply struct {
	Text  string `json:"text"`
	Model string `json:"model"`
}

type judgedScores struct {
	ID     string    `json:"id"`
	Scores []float64 `json:"scores"`
}

func readScores(path string) (map[string][]float64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	byID := make(map[string][]float64)
	for line, err := range jsonLines[judgedScores](path, file) {
		if err != nil {
			return nil, err
		}
		byID[line.ID] = line.Scores
	}
	return byID, nil
}

// maxLineBytes is the longest line of a file that a study reads.
const maxLineBytes = 8 << 20

// jsonLines yields the objects of a file, one a line, until the first that cannot be read.
func jsonLines[T any](name string, r io.Reader) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLineBytes)
		for number := 1; lines.Scan(); number++ {
			var value T
			err := json.Unmarshal(lines.Bytes(), &value)
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", name, number, err)
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
		if err := lines.Err(); err != nil {
			var none T
			yield(none, fmt.Errorf("%s: %w", name, err))
		}
	}
}

func writeLine(w io.Writer, value any) error { return json.NewEncoder(w).Encode(value) }

// capReplies leaves the replies that do not fit out of a prompt set and out of the scores that lie beside it, in the same order.
func capReplies(promptsFile, scoresFile string, fits func(text string) bool) (prompts, scores io.Reader, leftOut int, err error) {
	var sets, truths bytes.Buffer
	byID, err := readScores(scoresFile)
	if err != nil {
		return nil, nil, 0, err
	}
	file, err := os.Open(promptsFile)
	if err != nil {
		return nil, nil, 0, err
	}
	defer file.Close()
	for prompt, err := range jsonLines[judgedPrompt](promptsFile, file) {
		if err != nil {
			return nil, nil, 0, err
		}
		given := byID[prompt.ID]
		if len(given) != len(prompt.Responses) {
			return nil, nil, 0, fmt.Errorf("%s has %d scores of the %d replies to %s", scoresFile, len(given), len(prompt.Responses), prompt.ID)
		}
		kept := judgedPrompt{ID: prompt.ID, Messages: prompt.Messages, Metadata: prompt.Metadata}
		truth := judgedScores{ID: prompt.ID, Scores: []float64{}}
		for i, response := range prompt.Responses {
			if !fits(response.Text) {
				leftOut++
				continue
			}
			kept.Responses, truth.Scores = append(kept.Responses, response), append(truth.Scores, given[i])
		}
		if len(kept.Responses) < 2 {
			continue // nothing to rank
		}
		if err := errors.Join(writeLine(&sets, kept), writeLine(&truths, truth)); err != nil {
			return nil, nil, 0, err
		}
	}
	return &sets, &truths, leftOut, nil
}
