package tokenizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddedBytes bounds an added token's content, and with it the work per byte
// of text that the search for added tokens takes.
const maxAddedBytes = 256

// AddedToken is a token that is found in a text before all else, as one piece.
// The JSON names are those of tokenizer.json.
type AddedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no letter, digit or _ is next to it
	LStrip     bool   `json:"lstrip"`      // takes the white space on its left away
	RStrip     bool   `json:"rstrip"`      // and on its right
	Normalized bool   `json:"normalized"`  // is found in the normalised text
	Special    bool   `json:"special"`     // is a control mark, no text
}

// finder finds added tokens: at the leftmost position the longest content, then
// on from its end. It holds the contents as a trie.
type finder struct {
	tokens []AddedToken
	edges  map[edge]int32 // from a node by a byte to the next node
	ends   []int32        // by node: index of the token whose content ends there, or -1
	root   [256]int32     // the nodes of the first bytes; 0 is none
	first  byte           // the first byte of all contents,
	single bool           // if they share it
}

// edge is a node and the byte that leads on.
type edge uint64

func edgeOf(node int32, label byte) edge { return edge(node)<<8 | edge(label) }

// newFinder takes the tokens in the order in which equal contents win; nil
// finds nothing.
func newFinder(tokens []AddedToken, contents []string) *finder {
	if len(tokens) == 0 {
		return nil
	}
	f := &finder{tokens: tokens, edges: make(map[edge]int32), ends: []int32{-1}, first: contents[0][0], single: true}
	for i, content := range contents {
		f.single = f.single && content[0] == f.first
		at := int32(0)
		for j := range len(content) {
			by := edgeOf(at, content[j])
			next, known := f.edges[by]
			if !known {
				next = int32(len(f.ends))
				f.edges[by], f.ends = next, append(f.ends, -1)
				if at == 0 {
					f.root[content[0]] = next
				}
			}
			at = next
		}
		if f.ends[at] < 0 {
			f.ends[at] = int32(i)
		}
	}
	return f
}

// match returns the token of the first content in text at or after from, or -1.
func (f *finder) match(text string, from int) (token int32, start, end int) {
	for start = from; start < len(text); start++ {
		if f.single {
			skip := strings.IndexByte(text[start:], f.first)
			if skip < 0 {
				break
			}
			start += skip
		}
		at := f.root[text[start]]
		token = -1
		for i := start + 1; at != 0; i++ {
			if f.ends[at] >= 0 {
				token, end = f.ends[at], i
			}
			if i == len(text) {
				break
			}
			at = f.edges[edgeOf(at, text[i])]
		}
		if token >= 0 {
			return token, start, end
		}
	}
	return -1, 0, 0
}

// search goes through a text from one added token to the next.
type search struct {
	finder   *finder
	text     string
	specials bool // special tokens are found too; else their names are text
	from     int  // where the search goes on
	taken    int  // the text before is part of earlier tokens or pieces
	spaceEnd int  // the end of the white space that was stripped last
}

// next returns the text before the next added token and the token's id. At the
// end of the text ok is false, and before is the rest.
func (s *search) next() (before string, id int32, ok bool) {
	for s.finder != nil {
		index, start, end := s.finder.match(s.text, s.from)
		if index < 0 {
			break
		}
		s.from = end
		token := &s.finder.tokens[index]
		if token.Special && !s.specials || token.SingleWord && !alone(s.text, start, end) {
			continue
		}
		if token.LStrip {
			for start > s.taken {
				r, size := utf8.DecodeLastRuneInString(s.text[s.taken:start])
				if !unicode.IsSpace(r) {
					break
				}
				start -= size
			}
		}
		if token.RStrip {
			end = s.afterSpace(end)
		}
		if s.taken < start {
			before = s.text[s.taken:start]
		}
		s.taken = end
		return before, token.ID, true
	}
	return s.text[s.taken:], 0, false
}

// afterSpace returns the end of the white space at position at. Tokens that are
// white space themselves ask again within one run, so its end is kept.
func (s *search) afterSpace(at int) int {
	if at < s.spaceEnd {
		return s.spaceEnd
	}
	s.spaceEnd = at + runLength(s.text[at:], space)
	return s.spaceEnd
}

// alone says whether no word touches text[start:end].
func alone(text string, start, end int) bool {
	left, size := utf8.DecodeLastRuneInString(text[:start])
	if size > 0 && isWord(left) {
		return false
	}
	right, size := utf8.DecodeRuneInString(text[end:])
	return size == 0 || !isWord(right)
}

// finders sorts added tokens into those found in the text as it is and those
// found in the normalised text. Special tokens win over others.
func finders(tokens []AddedToken, normalize func(string) string) (raw, normalized *finder) {
	var lists [2][]AddedToken
	var contents [2][]string
	sorted := slices.Clone(tokens)
	slices.SortStableFunc(sorted, func(a, b AddedToken) int {
		switch {
		case a.Special == b.Special:
			return 0
		case a.Special:
			return -1
		}
		return 1
	})
	for _, token := range sorted {
		list, content := 0, token.Content
		if token.Normalized {
			list = 1
			if normalize != nil {
				content = normalize(content)
			}
		}
		lists[list] = append(lists[list], token)
		contents[list] = append(contents[list], content)
	}
	return newFinder(lists[0], contents[0]), newFinder(lists[1], contents[1])
}
