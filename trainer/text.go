package trainer

import (
	"iter"
	"runtime"

	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// textCursor is where a textStream stands; it is saved with a run.
type textCursor struct {
	Epoch     uint64  `json:"epoch"`     // times the source has begun
	Documents int     `json:"documents"` // documents taken in this epoch
	Rest      []int32 `json:"rest"`      // tokens read and not yet handed out
}

// textStream cuts documents into items of at most context+1 tokens, of which all but the first are predicted. Documents
// are joined by the document token, which opens a text and whose prediction closes it.
//
//	windows    every item is full and may run across documents
//	documents  no item runs across a boundary; a longer document continues in the next item
//
// A source that ends begins anew with the next epoch's seed.
type textStream struct {
	source    func(seed uint64) iter.Seq[string]
	seed      int64
	purpose   string
	tokenizer *tokenizer.Tokenizer
	document  int32
	context   int
	windows   bool

	cursor textCursor
	next   func() (string, bool)
}

var errNoText = ranking.Errorf(ranking.CodeInvalid, "the pretraining text is empty")

// item returns the next piece of text.
func (s *textStream) item() (item, error) {
	for {
		rest := s.cursor.Rest
		enough := len(rest) > s.context || !s.windows && len(rest) > 1
		if enough {
			n := min(s.context+1, len(rest))
			piece := append([]int32(nil), rest[:n]...)
			s.cursor.Rest = rest[n-1:]
			return item{tokens: piece, from: 1}, nil
		}
		if err := s.read(); err != nil {
			return item{}, err
		}
	}
}

// piece returns up to n further tokens that nothing has predicted yet. Where documents are not joined, it ends with its
// document.
func (s *textStream) piece(n int) ([]int32, error) {
	for {
		rest := s.cursor.Rest
		if len(rest) > n || !s.windows && len(rest) > 1 {
			n = min(n, len(rest)-1)
			piece := append([]int32(nil), rest[1:n+1]...)
			s.cursor.Rest = rest[n:]
			return piece, nil
		}
		if err := s.read(); err != nil {
			return nil, err
		}
	}
}

func (s *textStream) items(n int) ([]item, error) {
	items := make([]item, n)
	for i := range items {
		var err error
		if items[i], err = s.item(); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// mostIdle is how many empty documents or ends of the source may follow one another before the text counts as empty.
const mostIdle = 1 << 20

// read appends one document to the rest.
func (s *textStream) read() error {
	ends := 0
	for range mostIdle {
		if s.next == nil {
			s.open()
		}
		text, ok := s.next()
		if !ok {
			if ends++; ends == 2 { // a whole epoch without a word
				break
			}
			s.next = nil
			s.cursor.Epoch, s.cursor.Documents = s.cursor.Epoch+1, 0
			continue
		}
		s.cursor.Documents++
		if text == "" {
			continue
		}
		if len(s.cursor.Rest) == 0 {
			s.cursor.Rest = append(s.cursor.Rest, s.document)
		}
		s.cursor.Rest = append(s.tokenizer.AppendEncode(s.cursor.Rest, text), s.document)
		return nil
	}
	return errNoText
}

// open begins the source at the cursor. Passing over the documents already taken costs their making, not their encoding.
func (s *textStream) open() {
	key := streamKey(s.seed, s.purpose, s.cursor.Epoch)
	next, stop := iter.Pull(s.source(key[0]))
	runtime.AddCleanup(s, func(stop func()) { stop() }, stop)
	for range s.cursor.Documents {
		next()
	}
	s.next = next
}

func (s *textStream) restore(c textCursor) {
	s.cursor, s.next = c, nil
}

// newTextStream reads in.Text with the base model's tokenizer.
func newTextStream(in Inputs, seed int64, purpose string, context int, windows bool) (*textStream, error) {
	chat, err := tokenizer.NewChat(in.Base.Tokenizer)
	if err != nil {
		return nil, err
	}
	return &textStream{
		source: in.Text, seed: seed, purpose: purpose,
		tokenizer: in.Base.Tokenizer, document: chat.Document, context: context, windows: windows,
	}, nil
}

func countTokens(items []item) int {
	n := 0
	for _, it := range items {
		n += len(it.tokens) - 1
	}
	return n
}
