package ranking

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
)

// PromptSetFile is a prompt set read whole: what an import stores, or a preview shows.
type PromptSetFile struct {
	Name       string
	SHA256     string // of the file as it is, compressed or not
	Lines      int    // lines (rows) that held something, good or bad
	Prompts    []PromptInputLine
	Duplicates int      // lines that repeat an earlier one: same id, same content
	Bad        []Detail // the bad lines, in order
}

// PromptIDs remembers the ids of the files of one import, so that an id reused with other content is found within a
// file and between files. The zero value is not usable; make one with make.
type PromptIDs map[string]promptPlace

type promptPlace struct {
	file    string
	line    int
	content [32]byte
}

// LoadPromptSet reads a prompt set whole (see ReadPromptSet) and finds the ids that occur twice. A repeat of the same
// content is counted and left out; other content under the same id is a bad line. The error is a whole-file fault.
func LoadPromptSet(name string, r io.Reader, limits PromptSetLimits, ids PromptIDs) (PromptSetFile, error) {
	file := PromptSetFile{Name: name}
	hash := sha256.New()
	source, err := hashed(name, r, hash)
	if err != nil {
		return file, Errorf(CodeUnavailable, "%s cannot be read", name).WithCause(err)
	}
	for line, err := range ReadPromptSet(name, source, limits) {
		if err != nil {
			return file, err
		}
		file.Lines++
		if line.Bad == nil {
			line.Bad = ids.add(name, &line)
			if line.Bad == repeated {
				file.Duplicates++
				continue
			}
		}
		if line.Bad != nil {
			file.Bad = append(file.Bad, line.Bad.At(name, line.Line))
			continue
		}
		file.Prompts = append(file.Prompts, line)
	}
	if _, err := io.Copy(io.Discard, source); err != nil { // what lies behind a gzip stream's end counts for the hash
		return file, Errorf(CodeUnavailable, "%s cannot be read", name).WithCause(err)
	}
	file.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return file, nil
}

// repeated marks a line that says again what an earlier one said.
var repeated = because("repeats an earlier line")

// add remembers a line's id. It returns nil for a new id, repeated, or why the line is bad.
func (ids PromptIDs) add(file string, line *PromptInputLine) *Error {
	id := line.Prompt.ExternalID
	before, known := ids[id]
	switch {
	case !known:
		ids[id] = promptPlace{file: file, line: line.Line, content: line.ContentSHA256}
		return nil
	case before.content == line.ContentSHA256:
		return repeated
	default:
		if before.file == file {
			return because("reuses the id %q of line %d with other content", clip(id), before.line)
		}
		return because("reuses the id %q of %s:%d with other content", clip(id), before.file, before.line)
	}
}

// hashed gives a reader of r's content whose every byte also goes into hash. A Parquet file is read at random, so it
// is hashed first and handed on as it is.
func hashed(name string, r io.Reader, hash io.Writer) (io.Reader, error) {
	seeker, ok := r.(io.Seeker)
	if _, random := r.(io.ReaderAt); !ok || !random || !strings.HasSuffix(strings.ToLower(name), ".parquet") {
		return io.TeeReader(r, hash), nil
	}
	if _, err := io.Copy(hash, r); err != nil {
		return nil, err
	}
	_, err := seeker.Seek(0, io.SeekStart)
	return r, err
}
