package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// vocabulary is the object of model.vocab: spellings and their ids, in the
// order of the file. encoding/json would spend seconds and several times the
// file on it.
type vocabulary []vocabularyEntry

type vocabularyEntry struct {
	text string
	id   int32
}

// mergeText is "left right", or the newer ["left", "right"].
type mergeText struct{ left, right string }

// mergeTexts is the array of model.merges.
type mergeTexts []mergeText

// maxMerges is more than twice what the largest vocabularies in use have.
const maxMerges = MaxVocabSize

// jsonReader goes through a JSON value that encoding/json has found to be well
// formed.
type jsonReader struct {
	data []byte
	at   int
}

// peek skips white space, commas and colons and returns the next byte; 0 is the
// end.
func (r *jsonReader) peek() byte {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\r', '\n', ',', ':':
			r.at++
		default:
			return r.data[r.at]
		}
	}
	return 0
}

// open takes one opening bracket.
func (r *jsonReader) open(bracket byte) bool {
	if r.peek() != bracket {
		return false
	}
	r.at++
	return true
}

// text takes a string.
func (r *jsonReader) text() (string, error) {
	if r.peek() != '"' {
		return "", errors.New("not a string")
	}
	end := r.at + 1
	plain := true
	for ; r.data[end] != '"'; end++ {
		if r.data[end] == '\\' {
			plain = false
			end++
		}
	}
	quoted := r.data[r.at : end+1]
	r.at = end + 1
	if plain {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var text string
	err := json.Unmarshal(quoted, &text)
	return text, err
}

// id takes a whole number.
func (r *jsonReader) id() (int32, error) {
	r.peek()
	start := r.at
	for r.at < len(r.data) && !bytes.ContainsRune([]byte(" \t\r\n,}]"), rune(r.data[r.at])) {
		r.at++
	}
	id, err := strconv.ParseInt(string(r.data[start:r.at]), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not an id", r.data[start:r.at])
	}
	return int32(id), nil
}

func (v *vocabulary) UnmarshalJSON(data []byte) error {
	*v = nil
	r := jsonReader{data: data}
	if !r.open('{') {
		return errors.New("model.vocab is not an object")
	}
	for r.peek() != '}' {
		text, err := r.text()
		if err != nil {
			return fmt.Errorf("model.vocab: %w", err)
		}
		id, err := r.id()
		if err != nil {
			return fmt.Errorf("model.vocab: token %.80q: %w", text, err)
		}
		if len(*v) == MaxVocabSize {
			return fmt.Errorf("model.vocab has more than %d tokens", MaxVocabSize)
		}
		*v = append(*v, vocabularyEntry{text, id})
	}
	return nil
}

func (m *mergeTexts) UnmarshalJSON(data []byte) error {
	*m = nil
	r := jsonReader{data: data}
	if !r.open('[') {
		return errors.New("model.merges is not an array")
	}
	for r.peek() != ']' {
		if len(*m) == maxMerges {
			return fmt.Errorf("model.merges has more than %d merges", maxMerges)
		}
		merge, err := r.merge()
		if err != nil {
			return fmt.Errorf("model.merges[%d]: %w", len(*m), err)
		}
		*m = append(*m, merge)
	}
	return nil
}

func (r *jsonReader) merge() (mergeText, error) {
	if !r.open('[') {
		text, err := r.text()
		if err != nil {
			return mergeText{}, err
		}
		return splitMerge(text)
	}
	var parts [2]string
	for i := range parts {
		var err error
		if parts[i], err = r.text(); err != nil {
			return mergeText{}, fmt.Errorf("not two tokens: %w", err)
		}
	}
	if r.peek() != ']' {
		return mergeText{}, errors.New("not two tokens")
	}
	r.at++
	return mergeText{parts[0], parts[1]}, nil
}

func splitMerge(text string) (mergeText, error) {
	left, right, found := strings.Cut(text, " ")
	if !found || strings.Contains(right, " ") {
		return mergeText{}, fmt.Errorf("%.80q is not two tokens", text)
	}
	return mergeText{left, right}, nil
}
