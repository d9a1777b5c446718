package ranking

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// readParquet reads a Parquet file with the columns of the other formats: id, prompt, messages (a list of role and
// content, or JSON text), responses (a list of text and model, a list of texts, or JSON text), or response_1 …
// response_n with model_1 … model_n, group, metadata (a group of plain values, or JSON text).
func (s *promptSet) readParquet(r io.Reader, emit func(PromptInputLine) error) (err error) {
	file, size, err := s.randomAccess(r)
	if err != nil {
		return err
	}
	defer func() {
		// The decoder trusts what a page claims in places that the guard cannot check; a lie makes it panic.
		if p := recover(); p != nil {
			err = s.fault(CodeInvalid, 0, "the Parquet file is damaged: %v", p)
		}
	}()
	if err := s.guardParquet(file, size); err != nil {
		return err
	}
	f, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return s.damagedParquet(err)
	}
	columns, reason := parquetColumns(f.Schema(), s.limits.Responses)
	if reason != nil {
		return s.faultOf(CodeInvalid, 0, reason)
	}
	number, bytes := 0, int64(0)
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		if err := s.parquetRows(rows, columns, &number, &bytes, emit); err != nil {
			_ = rows.Close()
			return err
		}
		if err := rows.Close(); err != nil {
			return s.damagedParquet(err)
		}
	}
	return nil
}

func (s *promptSet) damagedParquet(err error) error {
	var bomb errParquetBomb
	if errors.As(err, &bomb) {
		return s.fault(CodeTooLarge, 0, "the Parquet file expands beyond the limits: %s", bomb.reason)
	}
	return s.fault(CodeInvalid, 0, "the Parquet file is damaged: %s", err).WithCause(err)
}

// randomAccess gives r as an io.ReaderAt with its size, reading it into memory where it is only a stream.
func (s *promptSet) randomAccess(r io.Reader) (io.ReaderAt, int64, error) {
	if file, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		if size, err := file.Seek(0, io.SeekEnd); err == nil {
			if size > s.limits.FileBytes {
				return nil, 0, s.tooManyBytes()
			}
			return file, size, nil
		}
	}
	content, err := io.ReadAll(&limitedReader{r: r, left: s.limits.FileBytes, s: s})
	if err != nil {
		return nil, 0, err
	}
	return strings.NewReader(string(content)), int64(len(content)), nil
}

// rowsAtOnce is how many rows are assembled at a time; a row may take up to LineBytes.
const rowsAtOnce = 16

func (s *promptSet) parquetRows(rows parquet.Rows, columns []parquetColumn, number *int, bytes *int64, emit func(PromptInputLine) error) error {
	buffer := make([]parquet.Row, rowsAtOnce)
	for {
		n, err := rows.ReadRows(buffer)
		for _, row := range buffer[:n] {
			*number++
			line, size := s.parquetRow(*number, columns, row)
			// A dictionary lets a small file name one long text a million times: what counts is what comes out.
			if *bytes += int64(size); *bytes > s.limits.FileBytes {
				return s.tooManyBytes()
			}
			if err := emit(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return s.damagedParquet(err)
		}
		if n == 0 {
			return s.damagedParquet(io.ErrNoProgress)
		}
	}
}

// parquetColumn is one leaf column: which key it belongs to, the path below that key ("role", "text"; the keys of
// metadata), and from which definition level on a value, or an item of its list, is there.
type parquetColumn struct {
	key       string
	n         int // of response_n and model_n
	path      []string
	repeated  bool
	itemLevel int // definition level of a present list item; 0 where repeated is false
}

// wrappers are the names that list layouts put between a list and its items.
var wrappers = map[string]bool{"list": true, "element": true, "item": true, "array": true, "bag": true, "array_element": true}

// parquetColumns gives every leaf column its meaning.
func parquetColumns(schema *parquet.Schema, maxResponses int) (columns []parquetColumn, reason *Error) {
	var names []string
	for _, field := range schema.Fields() {
		names = append(names, field.Name())
	}
	meanings, reason := csvColumns(names, maxResponses)
	if reason != nil {
		return nil, reason
	}
	byName := make(map[string]csvColumn, len(names))
	for i, name := range names {
		byName[name] = meanings[i]
	}
	for _, path := range schema.Columns() {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			return nil, because("the Parquet schema is damaged")
		}
		meaning := byName[path[0]]
		column := parquetColumn{key: meaning.key, n: meaning.n, repeated: leaf.MaxRepetitionLevel > 0}
		for _, part := range path[1:] {
			if !wrappers[part] || meaning.key == "metadata" {
				column.path = append(column.path, part)
			}
		}
		if kind := leaf.Node.Type().Kind(); leaf.MaxRepetitionLevel > 1 || kind == parquet.Int96 {
			return nil, because("the column %q has a type that is not understood; store it as JSON text", path[0])
		}
		if reason := column.check(); reason != nil {
			return nil, reason
		}
		column.itemLevel = itemLevel(schema, path)
		columns = append(columns, column)
	}
	return columns, nil
}

// check says whether a column's shape fits its key.
func (c parquetColumn) check() (reason *Error) {
	below := strings.Join(c.path, ".")
	switch {
	case c.key == "messages" && c.repeated:
		if !contains(messageKeys, below) {
			return because("the column %q %s", c.key, unknownColumn(below, messageKeys))
		}
	case c.key == "responses" && c.repeated:
		if below != "" && !contains(responseKeys, below) {
			return because("the column %q %s", c.key, unknownColumn(below, responseKeys))
		}
	case c.repeated:
		return because("the column %q holds lists; store it as JSON text", c.key)
	case len(c.path) > 0 && c.key != "metadata":
		return because("the column %q must hold plain text", c.key)
	}
	return nil
}

// itemLevel is the definition level that a present item of the one list on path has.
func itemLevel(schema *parquet.Schema, path []string) int {
	level := 0
	var node parquet.Node = schema
	for _, name := range path {
		for _, field := range node.Fields() {
			if field.Name() == name {
				node = field
				break
			}
		}
		if node.Optional() || node.Repeated() {
			level++
		}
		if node.Repeated() {
			return level
		}
	}
	return 0
}

// parquetRow assembles one row. size is the number of bytes of text it holds.
func (s *promptSet) parquetRow(number int, columns []parquetColumn, row parquet.Row) (line PromptInputLine, size int) {
	raw := rawPrompt{}
	texts, models := map[int]string{}, map[int]string{}
	var reason *Error
	last := 0
	fail := func(why *Error) {
		if reason == nil {
			reason = why
		}
	}
	row.Range(func(index int, values []parquet.Value) bool {
		column := columns[index]
		for _, value := range values {
			if !value.IsNull() {
				size += len(value.String())
			}
		}
		if size > s.limits.LineBytes {
			fail(because("the row is over the limit of %d bytes", s.limits.LineBytes))
			return false
		}
		if column.repeated {
			fail(raw.setItems(column, values, s.limits))
			return reason == nil
		}
		if len(values) != 1 || values[0].IsNull() {
			return true
		}
		text := values[0].String()
		switch column.key {
		case "id":
			raw.id = text
		case "group":
			raw.group = text
		case "prompt":
			raw.prompt, raw.hasPrompt = text, true
		case "response":
			texts[column.n] = text
			last = max(last, column.n)
		case "model":
			models[column.n] = text
		case "metadata":
			if len(column.path) > 0 {
				fail(raw.setMetadata(column.path, values[0], text))
				break
			}
			fallthrough
		default: // JSON text
			if bad := checkJSON([]byte(text)); bad != nil {
				fail(because("the column %q %s", column.key, bad))
			} else {
				fail(raw.setJSON(column.key, []byte(strings.TrimSpace(text)), s.limits))
			}
		}
		return reason == nil
	})
	for n := 1; n <= last; n++ {
		raw.responses = append(raw.responses, rawResponse{text: texts[n], model: models[n], fileIndex: n - 1})
	}
	if reason != nil {
		return PromptInputLine{Line: number, Bad: reason}, size
	}
	return s.finish(number, raw), size
}

// setItems reads one leaf of a list column: every message's role, say.
func (raw *rawPrompt) setItems(column parquetColumn, values []parquet.Value, limits PromptSetLimits) (reason *Error) {
	if column.key == "messages" {
		raw.hasMessages = raw.hasMessages || len(values) > 0 && values[0].DefinitionLevel() > 0
	}
	for i, value := range values {
		if value.DefinitionLevel() < column.itemLevel {
			return nil // an empty or absent list has one value that says so
		}
		text := ""
		if !value.IsNull() {
			text = value.String()
		}
		if column.key == "messages" {
			if i >= limits.Messages {
				return tooManyMessages(limits.Messages)
			}
			if i >= len(raw.messages) {
				raw.messages = append(raw.messages, Message{})
			}
			if column.path[0] == "role" {
				raw.messages[i].Role = text
			} else {
				raw.messages[i].Content = text
			}
			continue
		}
		if i >= limits.Responses {
			return tooManyResponses(limits.Responses)
		}
		if i >= len(raw.responses) {
			raw.responses = append(raw.responses, rawResponse{fileIndex: i})
		}
		if len(column.path) > 0 && column.path[0] == "model" {
			raw.responses[i].model = text
		} else {
			raw.responses[i].text = text
		}
	}
	return nil
}

// setMetadata puts a plain value at its path in the metadata.
func (raw *rawPrompt) setMetadata(path []string, value parquet.Value, text string) (reason *Error) {
	if raw.metadata == nil {
		raw.metadata = map[string]any{}
	}
	at := raw.metadata
	for _, key := range path[:len(path)-1] {
		below, ok := at[key].(map[string]any)
		if !ok {
			below = map[string]any{}
			at[key] = below
		}
		at = below
	}
	var item any = text
	switch value.Kind() {
	case parquet.Boolean:
		item = value.Boolean()
	case parquet.Int32, parquet.Int64:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			item = n
		}
	case parquet.Float:
		item = float64(value.Float())
	case parquet.Double:
		item = value.Double()
	}
	if f, ok := item.(float64); ok && (f != f || f-f != 0) {
		return because("metadata %s is not a finite number", strings.Join(path, "."))
	}
	at[path[len(path)-1]] = item
	return checkMetadata(item, len(path)+1)
}
