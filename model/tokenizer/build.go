package tokenizer

import (
	"fmt"
	"sync"
)

// definition is what a tokenizer is built from: the tables with their texts in
// the byte-level alphabet.
type definition struct {
	vocab        vocabulary
	merges       mergeTexts
	added        []AddedToken
	unknown      *string
	fuseUnknown  bool
	ignoreMerges bool
	parts        parts
	fields       fields
}

// fields are what errors call the tables: the words of the file at fault.
type fields struct{ vocab, merges, added string }

// addedEntry is an added token; a listed one is in the model's vocabulary too.
type addedEntry struct {
	AddedToken
	listed bool
}

// build checks the tables against each other and makes the tokenizer.
func (d *definition) build() (*Tokenizer, error) {
	t := &Tokenizer{
		specials: make(map[string]int32), contents: make(map[int32]string, len(d.added)),
		unknown: noToken, fuseUnknown: d.fuseUnknown, parts: d.parts,
	}
	ids, err := d.ids()
	if err != nil {
		return nil, err
	}
	if err := d.addTokens(t, ids); err != nil {
		return nil, err
	}
	if err := d.fillTokens(t, ids); err != nil {
		return nil, err
	}
	for b := range 256 {
		t.byteIDs[b] = noToken
		if id, ok := ids[spell(string([]byte{byte(b)}))]; ok && !t.isSpecial(id) {
			t.byteIDs[b] = id
		}
	}
	if d.unknown != nil && *d.unknown != "" {
		id, ok := ids[*d.unknown]
		if !ok {
			return nil, fmt.Errorf("model.unk_token: %q is not a token of the vocabulary", *d.unknown)
		}
		t.unknown = id
	}
	if t.merges, err = d.mergeIDs(t, ids); err != nil {
		return nil, err
	}
	var repeated int
	if t.ranks, repeated = newRankTable(t.merges); repeated >= 0 {
		m := d.merges[repeated]
		return nil, fmt.Errorf("%s[%d] (%.80q %.80q) is repeated", d.fields.merges, repeated, m.left, m.right)
	}
	if err := d.parts.configure(t); err != nil {
		return nil, err
	}
	if d.ignoreMerges {
		t.whole = make(map[string]int32, len(d.vocab))
		for _, entry := range d.vocab {
			if _, added := t.contents[entry.id]; !added {
				t.whole[t.tokens[entry.id]] = entry.id
			} else if raw, ok := unspell(entry.text); ok && !t.isSpecial(entry.id) {
				t.whole[raw] = entry.id
			}
		}
	}
	return t.finish(), nil
}

// finish makes the tables for looking up.
func (t *Tokenizer) finish() *Tokenizer {
	added := make([]AddedToken, len(t.added))
	for i, a := range t.added {
		added[i] = a.AddedToken
	}
	t.raw, t.normalized = finders(added, t.normalize)
	t.scratch = &sync.Pool{New: func() any { return new(mergeScratch) }}
	return t
}

func (t *Tokenizer) isSpecial(id int32) bool {
	_, special := t.specials[t.contents[id]]
	return special
}

// ids maps the spellings of the model's vocabulary.
func (d *definition) ids() (map[string]int32, error) {
	if len(d.vocab) == 0 {
		return nil, fmt.Errorf("%s is empty", d.fields.vocab)
	}
	ids := make(map[string]int32, len(d.vocab))
	for _, entry := range d.vocab {
		if _, repeated := ids[entry.text]; repeated {
			return nil, fmt.Errorf("%s: token %.80q is repeated", d.fields.vocab, entry.text)
		}
		if entry.id < 0 || entry.id >= MaxVocabSize {
			return nil, fmt.Errorf("%s: token %.80q has id %d, outside of 0..%d", d.fields.vocab, entry.text, entry.id, MaxVocabSize-1)
		}
		ids[entry.text] = entry.id
	}
	return ids, nil
}

// addTokens checks the added tokens and enters them.
func (d *definition) addTokens(t *Tokenizer, ids map[string]int32) error {
	seen := make(map[string]bool, len(d.added))
	next := int32(len(d.vocab))
	for i, a := range d.added {
		at := fmt.Sprintf("%s[%d] (%.80q)", d.fields.added, i, a.Content)
		switch {
		case a.Content == "" || seen[a.Content]:
			return fmt.Errorf("%s: the content is empty or repeated", at)
		case len(a.Content) > maxAddedBytes:
			return fmt.Errorf("%s: the content is longer than %d bytes", at, maxAddedBytes)
		case a.ID < 0 || a.ID >= MaxVocabSize:
			return fmt.Errorf("%s: id %d is outside of 0..%d", at, a.ID, MaxVocabSize-1)
		}
		seen[a.Content] = true
		if twin, taken := t.contents[a.ID]; taken {
			return fmt.Errorf("%s: %.80q has id %d too", at, twin, a.ID)
		}
		// The tokenizers library numbers added tokens itself: by the vocabulary, or else on from its size. A file that
		// says otherwise would have other ids there than here.
		want, listed := ids[a.Content]
		if !listed {
			want = next
		}
		if a.ID != want {
			return fmt.Errorf("%s: id %d is not %d, by the vocabulary and the tokens before", at, a.ID, want)
		}
		next = max(next, a.ID+1)
		t.contents[a.ID] = a.Content
		if a.Special {
			t.specials[a.Content] = a.ID
		}
		t.added = append(t.added, addedEntry{a, listed})
	}
	return nil
}

// fillTokens makes the table of the bytes by id.
func (d *definition) fillTokens(t *Tokenizer, ids map[string]int32) error {
	size := 0
	for _, entry := range d.vocab {
		size = max(size, int(entry.id)+1)
	}
	for _, a := range t.added {
		size = max(size, int(a.ID)+1)
	}
	// A handful of tokens with huge ids would make a table of nothing.
	if size > 2*(len(ids)+len(t.added))+256 {
		return fmt.Errorf("%s: ids reach %d with only %d tokens", d.fields.vocab, size-1, len(ids)+len(t.added))
	}
	t.tokens = make([]string, size)
	taken := make([]bool, size)
	for _, entry := range d.vocab {
		if taken[entry.id] {
			return fmt.Errorf("%s: token %.80q shares id %d with another", d.fields.vocab, entry.text, entry.id)
		}
		taken[entry.id] = true
		if content, added := t.contents[entry.id]; added {
			if content != entry.text {
				return fmt.Errorf("%s: token %.80q shares id %d with the added token %.80q", d.fields.vocab, entry.text, entry.id, content)
			}
			continue
		}
		raw, ok := unspell(entry.text)
		if !ok || raw == "" {
			return fmt.Errorf("%s: token %.80q is empty or not in the byte-level alphabet", d.fields.vocab, entry.text)
		}
		t.tokens[entry.id] = raw
	}
	for _, a := range t.added {
		if !a.Special {
			t.tokens[a.ID] = a.Content
		}
	}
	return nil
}

// mergeIDs resolves the merge list.
func (d *definition) mergeIDs(t *Tokenizer, ids map[string]int32) ([]merge, error) {
	merges := make([]merge, len(d.merges))
	var text []byte
	for rank, m := range d.merges {
		var part [3]int32
		for i := range part {
			switch i {
			case 0:
				text = append(text[:0], m.left...)
			case 1:
				text = append(text[:0], m.right...)
			case 2:
				text = append(append(text[:0], m.left...), m.right...)
			}
			id, ok := ids[string(text)]
			if content, added := t.contents[id]; ok && added { // what is not added has been found to be spelled right
				_, ok = unspell(content)
				ok = ok && !t.isSpecial(id)
			}
			if !ok {
				return nil, fmt.Errorf("%s[%d] (%.80q %.80q): %.80q is not a token of the vocabulary", d.fields.merges, rank, m.left, m.right, text)
			}
			part[i] = id
		}
		merges[rank] = merge{pairOf(part[0], part[1]), part[2]}
	}
	return merges, nil
}
