package ranking

import (
	"io"
	"iter"
	"strings"
)

// PromptInputLine is one line (of CSV and Parquet: one row) of a prompt set: a prompt with its responses, or the
// reason why it is bad. The database fields of Prompt and Responses (their ids) are zero.
type PromptInputLine struct {
	Line          int        // 1-based; CSV: the line the row starts on; Parquet: the row
	Prompt        Prompt     // ExternalID, Group, Messages, Metadata
	Responses     []Response // Text, Model, FileIndexes; identical texts are one response
	ContentSHA256 [32]byte   // of all the above: tells a repeat from an id reused with other content
	Bad           *Error     // why the line cannot be imported; nil for a good line
}

// PromptSetLimits bounds what a prompt set may hold. Every limit holds after decompression.
type PromptSetLimits struct {
	FileBytes     int64 // of the whole file
	LineBytes     int   // of one line, CSV row or Parquet row
	TextBytes     int   // of one response or one message
	MetadataBytes int   // of one prompt's metadata as JSON
	NameBytes     int   // of an id, group or model name
	Responses     int   // of one prompt
	Messages      int   // of one prompt
	Prompts       int   // of one file
	BadLines      int   // after so many the file is given up: it is something else than a prompt set
	MinResponses  int   // distinct responses a prompt needs: 0 where missing ones are generated, else 2
}

// DefaultPromptSetLimits are the limits of `rankloop import` and of uploads.
func DefaultPromptSetLimits() PromptSetLimits {
	return PromptSetLimits{
		FileBytes:     1 << 30,
		LineBytes:     8 << 20,
		TextBytes:     256 << 10,
		MetadataBytes: 64 << 10,
		NameBytes:     256,
		Responses:     64,
		Messages:      256,
		Prompts:       2_000_000,
		BadLines:      10_000,
	}
}

// ReadPromptSet reads the prompt set r line by line. name gives the format by its ending: .jsonl, .csv (each also with
// .gz behind it) or .parquet; of "-" and of a .gz file the first bytes tell. A bad line is yielded with its reason and
// reading goes on; an error (always an *Error that names the file, and the line where there is one) ends the
// iteration: a whole-file fault such as an unknown CSV column, a limit passed or damaged compression.
//
// A Parquet file needs random access: r is used as it is if it also is an io.ReaderAt and io.Seeker (an os.File, a
// multipart.File), else it is read into memory.
func ReadPromptSet(name string, r io.Reader, limits PromptSetLimits) iter.Seq2[PromptInputLine, error] {
	return func(yield func(PromptInputLine, error) bool) {
		s := &promptSet{name: name, limits: limits}
		if err := s.read(r, func(line PromptInputLine) bool { return yield(line, nil) }); err != nil {
			yield(PromptInputLine{}, err)
		}
	}
}

// promptSet is the reading of one file.
type promptSet struct {
	name   string
	limits PromptSetLimits
	lines  int // good and bad ones, for the limit on prompts
	bad    int
}

// stopped is what the format readers return when the consumer of the lines has had enough.
type stopped struct{}

func (stopped) Error() string { return "stopped" }

func (s *promptSet) read(r io.Reader, yield func(PromptInputLine) bool) error {
	emit := func(line PromptInputLine) error {
		if s.lines++; s.lines > s.limits.Prompts {
			return s.fault(CodeTooLarge, line.Line, "the file holds more than %d prompts; split it", s.limits.Prompts)
		}
		if line.Bad != nil {
			if s.bad++; s.bad > s.limits.BadLines {
				return s.fault(CodeInvalid, line.Line, "more than %d bad lines: is this a prompt set?", s.limits.BadLines)
			}
		}
		if !yield(line) {
			return stopped{}
		}
		return nil
	}
	err := s.readFormat(r, emit)
	if _, ok := err.(stopped); ok {
		return nil
	}
	return err
}

func (s *promptSet) readFormat(r io.Reader, emit func(PromptInputLine) error) error {
	lower := strings.ToLower(s.name)
	switch {
	case strings.HasSuffix(lower, ".parquet"):
		return s.readParquet(r, emit)
	case strings.HasSuffix(lower, ".csv"), strings.HasSuffix(lower, ".csv.gz"):
		plain, err := s.open(r)
		if err != nil {
			return err
		}
		return s.readCSV(plain, emit)
	case strings.HasSuffix(lower, ".jsonl"), strings.HasSuffix(lower, ".jsonl.gz"), s.name == "-":
		plain, err := s.open(r)
		if err != nil {
			return err
		}
		return s.readJSONL(plain, emit)
	default:
		return s.fault(CodeInvalid, 0, "the file's kind is not known by its name: it must end in .jsonl, .jsonl.gz, .csv or .parquet")
	}
}

// fault makes the error that ends the reading of a file.
func (s *promptSet) fault(code Code, line int, format string, args ...any) *Error {
	return s.faultOf(code, line, because(format, args...))
}

func (s *promptSet) faultOf(code Code, line int, reason *Error) *Error {
	return Errorf(code, "%s cannot be read as a prompt set", s.name).WithDetails([]Detail{reason.At(s.name, line)})
}
