package ranking

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// csvHeader names the columns: those of `trl`, in its order, and behind them what was said about the two responses by
// themselves. Flags are separated by spaces.
var csvHeader = []string{
	"prompt", "chosen", "rejected", "prompt_id", "chosen_index", "rejected_index", "judgment_id", "annotator", "simulated", "split",
	"chosen_score", "rejected_score", "chosen_flags", "rejected_flags", "chosen_comment", "rejected_comment",
	"prompt_flags", "schema_version", "strength",
}

// csvWriter writes the rows of `trl` as CSV (RFC 4180, UTF-8, a header row). Texts are written as they are: a
// spreadsheet program may take one that begins with "=" for a formula, so open the file as text there.
type csvWriter struct {
	out     *csv.Writer
	started bool
}

func newCSVWriter(w io.Writer) rowWriter { return &csvWriter{out: csv.NewWriter(w)} }

func (c *csvWriter) start() error {
	if c.started {
		return nil
	}
	c.started = true
	return c.out.Write(csvHeader)
}

func (c *csvWriter) write(r *Record) (rows, tiesOmitted int, err error) {
	if err := c.start(); err != nil {
		return 0, 0, err
	}
	pairs, ties := pairRows(r)
	for _, row := range pairs {
		err := c.out.Write([]string{
			row.Prompt, row.Chosen, row.Rejected, row.PromptID,
			strconv.Itoa(row.ChosenIndex), strconv.Itoa(row.RejectedIndex),
			strconv.FormatInt(row.JudgmentID, 10), row.Annotator, strconv.FormatBool(row.Simulated), string(row.Split),
			score(r.Scores, row.winner), score(r.Scores, row.loser), flags(r.Flags, row.winner), flags(r.Flags, row.loser),
			comment(r.Comments, row.winner), comment(r.Comments, row.loser),
			strings.Join(r.PromptFlags, " "), number(r.SchemaVersion), number(row.Strength),
		})
		if err != nil {
			return 0, 0, err
		}
	}
	return len(pairs), ties, nil
}

func (c *csvWriter) flush() error {
	if err := c.start(); err != nil {
		return err
	}
	c.out.Flush()
	return c.out.Error()
}

// number writes a count, "" for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func score(all []int, index int) string {
	if all == nil {
		return ""
	}
	return number(all[index])
}

func flags(all [][]string, index int) string {
	if all == nil {
		return ""
	}
	return strings.Join(all[index], " ")
}

func comment(all []string, index int) string {
	if all == nil {
		return ""
	}
	return all[index]
}
