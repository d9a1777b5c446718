package ranking

import (
	"encoding/csv"
	"io"
	"strconv"
)

// csvHeader names the columns: those of `trl`, in its order.
var csvHeader = []string{
	"prompt", "chosen", "rejected", "prompt_id", "chosen_index", "rejected_index", "judgment_id", "annotator", "simulated", "split",
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
