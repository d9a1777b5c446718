package ranking

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
)

// readCSV reads a CSV file with a header row. Columns: id, prompt or messages (JSON), responses (JSON) or
// response_1 … response_n (with model_1 … model_n beside them), group, metadata (JSON). Trailing empty response cells
// are absent responses.
func (s *promptSet) readCSV(r io.Reader, emit func(PromptInputLine) error) error {
	row := &rowLimiter{r: r, limit: s.limits.LineBytes}
	reader := csv.NewReader(row)
	reader.ReuseRecord = true
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return s.fault(CodeInvalid, 1, "the file is empty; a header row with prompt,response_1,response_2 is needed")
	} else if err != nil {
		return s.csvFault(1, err)
	}
	columns, reason := csvColumns(header, s.limits.Responses)
	if reason != nil {
		return s.faultOf(CodeInvalid, 1, reason)
	}
	for line := 2; ; {
		row.used = 0
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
			err = emit(PromptInputLine{Line: syntax.StartLine, Bad: because("is not valid CSV: %s", syntax.Err)})
		case err != nil:
			return s.csvFault(line+1, err)
		default:
			line, _ = reader.FieldPos(0)
			err = emit(s.csvRow(line, columns, cells))
		}
		if err != nil {
			return err
		}
	}
}

// csvFault gives the error that ends the reading the line it happened after.
func (s *promptSet) csvFault(line int, err error) error {
	if errors.Is(err, errRowTooLong) {
		return s.fault(CodeTooLarge, line, "the row that starts about here is over the limit of %d bytes (is a quote left open?)", s.limits.LineBytes)
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return s.fault(CodeInvalid, syntax.StartLine, "is not valid CSV: %s", syntax.Err)
	}
	return err
}

// csvColumn says what a cell of a column means. n is the response's number for responseColumn and modelColumn.
type csvColumn struct {
	key string // one of promptKeys, "response" or "model"
	n   int
}

// csvColumns reads the header row.
func csvColumns(header []string, maxResponses int) (columns []csvColumn, reason *Error) {
	seen := make(map[csvColumn]bool)
	responses, highest := 0, 0
	for _, name := range header {
		name = strings.TrimSpace(name)
		column := csvColumn{key: name}
		if key, number, ok := strings.Cut(name, "_"); ok && (key == "response" || key == "model") {
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 || strconv.Itoa(n) != number {
				return nil, because("the column %q must end in a number from 1 on", clip(name))
			}
			if n > maxResponses {
				return nil, because("the column %q passes the limit of %d responses", clip(name), maxResponses)
			}
			column = csvColumn{key: key, n: n}
			if key == "response" {
				responses, highest = responses+1, max(highest, n)
			}
		} else if !contains(promptKeys, name) {
			return nil, because("the header %s", unknownColumn(clip(name), append([]string{"response_1"}, promptKeys...)))
		}
		if seen[column] {
			return nil, because("the column %q occurs twice", name)
		}
		seen[column] = true
		columns = append(columns, column)
	}
	switch {
	case responses != highest:
		return nil, because("the columns response_1 to response_%d have a gap", highest)
	case responses > 0 && seen[csvColumn{key: "responses"}]:
		return nil, because("give either responses or response_1 … response_n")
	case !seen[csvColumn{key: "prompt"}] && !seen[csvColumn{key: "messages"}]:
		return nil, because("the header has neither a prompt nor a messages column")
	}
	for column := range seen {
		if column.key == "model" && !seen[csvColumn{key: "response", n: column.n}] {
			return nil, because("the column model_%d has no response_%d beside it", column.n, column.n)
		}
	}
	return columns, nil
}

// csvRow reads one row.
func (s *promptSet) csvRow(number int, columns []csvColumn, cells []string) PromptInputLine {
	bad := func(reason *Error) PromptInputLine { return PromptInputLine{Line: number, Bad: reason} }
	if len(cells) != len(columns) {
		return bad(because("has %d of the %d cells of the header", len(cells), len(columns)))
	}
	raw := rawPrompt{}
	texts, models := make([]string, len(columns)+1), make([]string, len(columns)+1)
	for i, column := range columns {
		cell := strings.Clone(cells[i])
		switch column.key {
		case "id":
			raw.id = cell
		case "group":
			raw.group = cell
		case "prompt":
			if cell != "" {
				raw.prompt, raw.hasPrompt = cell, true
			}
		case "response":
			texts[column.n] = cell
		case "model":
			models[column.n] = cell
		default: // messages, responses, metadata: JSON in a cell
			if cell == "" {
				continue
			}
			if reason := checkJSON([]byte(cell)); reason != nil {
				return bad(because("the column %q %s", column.key, reason))
			}
			if reason := raw.setJSON(column.key, []byte(strings.TrimSpace(cell)), s.limits); reason != nil {
				return bad(reason)
			}
		}
	}
	last := len(texts) - 1
	for last > 0 && texts[last] == "" {
		last--
	}
	for n := 1; n <= last; n++ {
		raw.responses = append(raw.responses, rawResponse{text: texts[n], model: models[n], fileIndex: n - 1})
	}
	return s.finish(number, raw)
}

var errRowTooLong = errors.New("row too long")

// rowLimiter bounds what the CSV reader may take in for one row: an open quote would otherwise swallow the file.
type rowLimiter struct {
	r           io.Reader
	used, limit int
}

func (l *rowLimiter) Read(p []byte) (int, error) {
	if l.used > l.limit {
		return 0, errRowTooLong
	}
	n, err := l.r.Read(p)
	l.used += n
	return n, err
}
