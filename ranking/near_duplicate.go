package ranking

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Near-duplicates are found as in the literature on web pages (A. Broder, "On the resemblance and containment of
// documents", 1997): a text is its set of shingles, MinHash signatures estimate the Jaccard similarity of two sets,
// and only texts that share a band of the signature are compared.
const (
	shingleWords      = 3
	minHashBands      = 16
	minHashRows       = 4   // 16 × 4: a pair of similarity 0.8 shares a band with probability 0.9998
	nearDuplicateFrom = 0.8 // estimated Jaccard similarity
)

type minHash [minHashBands * minHashRows]uint32

// nearDuplicates holds a signature for each text and where to look for the like.
type nearDuplicates struct {
	exact      map[[32]byte]int
	bands      map[[2]uint64][]int32 // (band, hash of its rows) → texts; at most maxBandTexts are kept
	signatures map[int]minHash
}

// maxBandTexts bounds the comparisons of a text with those that share a band: the first few stand for their cluster.
const maxBandTexts = 8

func newNearDuplicates() nearDuplicates {
	return nearDuplicates{
		exact:      make(map[[32]byte]int),
		bands:      make(map[[2]uint64][]int32),
		signatures: make(map[int]minHash),
	}
}

// find returns an earlier text that words nearly repeat, and remembers words under place.
func (n *nearDuplicates) find(words []string, place int) (earlier int, found bool) {
	hash := hashWords(words)
	if same, ok := n.exact[hash]; ok {
		return same, true
	}
	n.exact[hash] = place
	if len(words) < shingleWords {
		return 0, false // too short to be nearly anything
	}
	signature := signatureOf(words)
	for band := range minHashBands {
		key := bandKey(band, &signature)
		for _, candidate := range n.bands[key] {
			if other := n.signatures[int(candidate)]; similarity(&signature, &other) >= nearDuplicateFrom {
				return int(candidate), true
			}
		}
	}
	n.signatures[place] = signature
	for band := range minHashBands {
		key := bandKey(band, &signature)
		if texts := n.bands[key]; len(texts) < maxBandTexts {
			n.bands[key] = append(texts, int32(place))
		}
	}
	return 0, false
}

func signatureOf(words []string) minHash {
	var signature minHash
	for i := range signature {
		signature[i] = math.MaxUint32
	}
	for i := 0; i+shingleWords <= len(words); i++ {
		sum := hashWords(words[i : i+shingleWords])
		a, b := binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])|1
		for k := range signature {
			if h := uint32((a + uint64(k)*b) >> 32); h < signature[k] {
				signature[k] = h
			}
		}
	}
	return signature
}

func bandKey(band int, signature *minHash) [2]uint64 {
	rows := signature[band*minHashRows : (band+1)*minHashRows]
	return [2]uint64{
		uint64(band)<<56 ^ uint64(rows[0])<<32 ^ uint64(rows[1])<<16 ^ uint64(rows[2]),
		uint64(rows[2])<<32 | uint64(rows[3]),
	}
}

// similarity estimates the Jaccard similarity of two shingle sets: the share of equal minima.
func similarity(a, b *minHash) float64 {
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

// promptWords gives a conversation's words, lower case and without punctuation: those of its first user turn, and
// those of all turns that are not the system's (which many conversations share).
func promptWords(messages []Message) (opener, whole []string) {
	for _, m := range messages {
		if m.Role == "system" {
			continue
		}
		words := strings.FieldsFunc(strings.ToLower(m.Content), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
		})
		if opener == nil && m.Role == "user" {
			opener = slices.Clone(words)
		}
		whole = append(whole, words...)
	}
	if len(whole) == 0 { // punctuation only: every such text is itself
		for _, m := range messages {
			whole = append(whole, m.Content)
		}
	}
	return opener, whole
}

func hashWords(words []string) [32]byte {
	h := sha256.New()
	for _, w := range words {
		h.Write([]byte(w))
		h.Write([]byte{0})
	}
	return [32]byte(h.Sum(nil))
}
