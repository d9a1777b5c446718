package tokenizer

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// maxTrainWordBytes leaves runs without a boundary, which are no words of any
// language, out of the counts.
const maxTrainWordBytes = 1024

// Train learns a vocabulary of at most vocabSize ids: the specials first, in
// the order given, then the 256 bytes, then the merges of the most frequent
// pairs of texts. Of pairs of one frequency the one of the lower ids wins, so
// the result depends on the texts alone, not on their order; it is the result
// of Hugging Face's BpeTrainer. It stops early when no pair is left that occurs
// twice.
func Train(texts iter.Seq[string], vocabSize int, specials []string) (*Tokenizer, error) {
	if vocabSize > MaxVocabSize {
		return nil, fmt.Errorf("tokenizer: vocabulary of %d ids is over the limit of %d", vocabSize, MaxVocabSize)
	}
	if vocabSize < len(specials)+256 {
		return nil, fmt.Errorf("tokenizer: vocabulary of %d ids has no room for %d specials and 256 bytes", vocabSize, len(specials))
	}
	names := make(map[string]int32, len(specials))
	tokens := make([]string, 0, vocabSize)
	for _, name := range specials {
		if _, taken := names[name]; taken || len(name) < 2 {
			return nil, fmt.Errorf("tokenizer: special token %q is repeated or shorter than two bytes", name)
		}
		names[name] = int32(len(tokens))
		tokens = append(tokens, "")
	}
	var byteIDs [256]int32
	for _, b := range bytesByRune() {
		byteIDs[b] = int32(len(tokens))
		tokens = append(tokens, string([]byte{b}))
	}
	counts := make(map[string]int)
	for text := range texts {
		for len(text) > 0 {
			n := gpt2Word(text)
			if n > 1 && n <= maxTrainWordBytes {
				counts[text[:n]]++
			}
			text = text[n:]
		}
	}
	if len(counts) == 0 {
		return nil, errors.New("tokenizer: no words to train on")
	}
	l := newLearner(counts, byteIDs)
	var merges []merge
	known := make(map[string]int32)
	merged := make(map[pair]bool)
	for len(tokens) < vocabSize {
		best, ok := l.next()
		if !ok {
			break
		}
		text := tokens[best.left()] + tokens[best.right()]
		if _, reserved := names[text]; reserved {
			continue // text must never encode to a special id
		}
		id, ok := known[text] // "a"+"bc" and "ab"+"c" are one token
		if !ok {
			id = int32(len(tokens))
			known[text] = id
			tokens = append(tokens, text)
		}
		if !merged[best] { // else a later merge of another pair brought it back
			merged[best] = true
			merges = append(merges, merge{best, id})
		}
		l.apply(best, id)
	}
	return newTrained(tokens, specials, byteIDs, merges), nil
}

// newTrained is the tokenizer of a trained vocabulary: GPT-2's words, no
// normalizer, the specials as added tokens.
func newTrained(tokens, specials []string, byteIDs [256]int32, merges []merge) *Tokenizer {
	t := &Tokenizer{
		tokens: tokens, byteIDs: byteIDs, merges: merges, unknown: noToken,
		specials: make(map[string]int32, len(specials)), contents: make(map[int32]string, len(specials)),
		parts:  parts{PreTokenizer: json.RawMessage(byteLevelWords), Decoder: json.RawMessage(byteLevelWords)},
		stages: []stage{{next: cutters["Isolated"](scanner(gpt2Word).pattern())}},
	}
	for i, name := range specials {
		id := int32(i)
		t.specials[name], t.contents[id] = id, name
		t.added = append(t.added, addedEntry{AddedToken{ID: id, Content: name, Special: true}, true})
	}
	t.ranks, _ = newRankTable(merges) // Train repeats no merge
	return t.finish()
}

// learner counts the pairs of the distinct words and keeps the counts true
// while pairs are merged.
type learner struct {
	words [][]int32
	times []int            // how often each word occurs
	count map[pair]int     // occurrences of each pair over all words
	where map[pair][]int32 // words that may hold the pair, each perhaps repeatedly
	queue pairQueue        // the pairs by count; entries go stale
	delta map[pair]int     // changes of counts by the merge at hand
}

func newLearner(counts map[string]int, byteIDs [256]int32) *learner {
	l := &learner{count: make(map[pair]int), where: make(map[pair][]int32), delta: make(map[pair]int)}
	texts := make([]string, 0, len(counts))
	for text := range counts {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for w, text := range texts {
		ids := make([]int32, len(text))
		for i := range len(text) {
			ids[i] = byteIDs[text[i]]
		}
		l.words = append(l.words, ids)
		l.times = append(l.times, counts[text])
		for i := range len(ids) - 1 {
			l.note(pairOf(ids[i], ids[i+1]), l.times[w], int32(w))
		}
	}
	for p, n := range l.count {
		l.queue = append(l.queue, counted{p, n})
	}
	heap.Init(&l.queue)
	return l
}

// note counts a pair in word w.
func (l *learner) note(p pair, times int, w int32) {
	l.count[p] += times
	if in := l.where[p]; len(in) == 0 || in[len(in)-1] != w {
		l.where[p] = append(in, w)
	}
}

// next takes the most frequent pair; ok is false if none occurs twice.
func (l *learner) next() (best pair, ok bool) {
	for len(l.queue) > 0 {
		top := heap.Pop(&l.queue).(counted)
		if now := l.count[top.pair]; now != top.count {
			continue // a fresher entry is queued
		}
		return top.pair, top.count >= 2
	}
	return 0, false
}

// apply merges every occurrence of p into id and updates the counts.
func (l *learner) apply(p pair, id int32) {
	for _, w := range l.where[p] {
		ids, out, times := l.words[w], l.words[w][:0], l.times[w]
		for i := 0; i < len(ids); i++ {
			if i+1 == len(ids) || pairOf(ids[i], ids[i+1]) != p {
				out = append(out, ids[i])
				continue
			}
			if n := len(out); n > 0 {
				l.delta[pairOf(out[n-1], ids[i])] -= times
				l.change(pairOf(out[n-1], id), times, w)
			}
			if i+2 < len(ids) {
				l.delta[pairOf(ids[i+1], ids[i+2])] -= times
				l.change(pairOf(id, ids[i+2]), times, w)
			}
			out = append(out, id)
			i++
		}
		l.words[w] = out
	}
	delete(l.where, p)
	delete(l.count, p)
	delete(l.delta, p)
	for q, d := range l.delta {
		if d == 0 {
			continue
		}
		l.count[q] += d
		if n := l.count[q]; n > 0 {
			heap.Push(&l.queue, counted{q, n})
		} else {
			delete(l.count, q)
			delete(l.where, q)
		}
	}
	clear(l.delta)
}

// change records a new occurrence of p in word w, to be counted when the merge
// is complete.
func (l *learner) change(p pair, times int, w int32) {
	l.delta[p] += times
	if in := l.where[p]; len(in) == 0 || in[len(in)-1] != w {
		l.where[p] = append(in, w)
	}
}

type counted struct {
	pair  pair
	count int
}

// pairQueue is a heap.Interface: most frequent first, then lowest ids.
type pairQueue []counted

func (q pairQueue) Len() int { return len(q) }
func (q pairQueue) Less(i, j int) bool {
	if q[i].count != q[j].count {
		return q[i].count > q[j].count
	}
	return q[i].pair < q[j].pair
}
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *pairQueue) Push(x any)   { *q = append(*q, x.(counted)) }
func (q *pairQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
