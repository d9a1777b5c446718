package ranking

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"slices"
)

// ExportCounts is what an export wrote.
type ExportCounts struct {
	Rows        int            `json:"rows"`
	Prompts     int            `json:"prompts"`
	Judgments   int            `json:"judgments"`
	Comparisons int            `json:"comparisons"` // strict and tied pairs of the judgments read
	TiesOmitted int            `json:"ties_omitted"`
	Bytes       int64          `json:"bytes"`
	SHA256      string         `json:"sha256"`
	Splits      map[string]int `json:"splits"` // rows by split; empty for a campaign, which has none
}

// exportFormats are the formats by name.
var exportFormats = map[string]func(io.Writer) rowWriter{
	"native": newNativeWriter,
	"trl":    newTRLWriter,
	"csv":    newCSVWriter,
	"sft":    newSFTWriter,
	"rules":  newRulesWriter,
}

// ExportFormats lists the names of the formats, sorted.
func ExportFormats() []string {
	names := make([]string, 0, len(exportFormats))
	for name := range exportFormats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// rowWriter writes the rows of one record in a format.
type rowWriter interface {
	// write returns the number of rows it wrote and the number of tied pairs it had to leave out.
	write(r *Record) (rows, tiesOmitted int, err error)
	flush() error
}

// Exporter writes records in a format, one after the other, to a stream; nothing is held back but a buffer.
type Exporter struct {
	rows   rowWriter
	out    *bufio.Writer
	hash   hash.Hash
	counts ExportCounts
	last   PromptKey
}

// NewExporter starts an export. A format that does not exist is a CodeInvalid error that names those that do.
func NewExporter(format string, w io.Writer) (*Exporter, error) {
	open, ok := exportFormats[format]
	if !ok {
		if near := nearest(format, ExportFormats()); near != "" {
			return nil, Errorf(CodeInvalid, "the export format %q is not known; did you mean %s? (known are %s)", format, near, list(ExportFormats()))
		}
		return nil, Errorf(CodeInvalid, "the export format %q is not known; known are %s", format, list(ExportFormats()))
	}
	e := &Exporter{hash: sha256.New()}
	e.out = bufio.NewWriterSize(&countingWriter{w: io.MultiWriter(w, e.hash), n: &e.counts.Bytes}, 256<<10)
	e.rows = open(e.out)
	e.counts.Splits = make(map[string]int)
	return e, nil
}

// Add writes one record. Records come ordered by prompt and judgment.
func (e *Exporter) Add(r Record) error {
	rows, ties, err := e.rows.write(&r)
	if err != nil {
		return err
	}
	e.counts.Rows += rows
	e.counts.TiesOmitted += ties
	e.counts.Judgments++
	e.counts.Comparisons += r.comparisons()
	if key := (PromptKey{Campaign: r.Campaign, ID: r.PromptID}); key != e.last {
		e.last = key
		e.counts.Prompts++
	}
	if r.Split != "" {
		e.counts.Splits[string(r.Split)] += rows
	}
	return nil
}

// Close writes out what is buffered and returns the counts. It does not close the stream below.
func (e *Exporter) Close() (ExportCounts, error) {
	if err := e.rows.flush(); err != nil {
		return ExportCounts{}, err
	}
	if err := e.out.Flush(); err != nil {
		return ExportCounts{}, err
	}
	e.counts.SHA256 = hex.EncodeToString(e.hash.Sum(nil))
	return e.counts, nil
}

type countingWriter struct {
	w io.Writer
	n *int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	*c.n += int64(n)
	return n, err
}

// newLineEncoder writes JSON lines as people expect them: no HTML escapes.
func newLineEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}
