package study

import (
	"bufio"
	"encoding/json"
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
