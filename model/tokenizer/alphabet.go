package tokenizer

import "slices"

// Byte-level BPE writes every byte as one printable rune, so that vocabularies
// are plain text (GPT-2's encoder.py, bytes_to_unicode): the bytes '!'..'~',
// 0xA1..0xAC and 0xAE..0xFF stand for themselves, the other 68 are, in order,
// U+0100, U+0101 and so on.
var (
	runeOfByte [256]rune
	byteOfRune [lastRune + 1]int16 // -1 for runes outside of the alphabet
)

// lastRune is the last of the 68.
const lastRune = 0x100 + 67

func init() {
	for r := range byteOfRune {
		byteOfRune[r] = -1
	}
	moved := rune(0x100)
	for b := range 256 {
		r := rune(b)
		if !(b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE) {
			r = moved
			moved++
		}
		runeOfByte[b] = r
		byteOfRune[r] = int16(b)
	}
}

// bytesByRune returns all bytes in the order of the runes that they are written
// as, which is the order of their ids in GPT-2's vocabulary.
func bytesByRune() []byte {
	all := make([]byte, 256)
	for b := range 256 {
		all[b] = byte(b)
	}
	slices.SortFunc(all, func(a, b byte) int { return int(runeOfByte[a] - runeOfByte[b]) })
	return all
}

// spell writes raw bytes in the printable alphabet of tokenizer.json.
func spell(raw string) string {
	runes := make([]rune, len(raw))
	for i := range len(raw) {
		runes[i] = runeOfByte[raw[i]]
	}
	return string(runes)
}

// unspell is the inverse of spell; ok is false if text has a rune outside of
// the alphabet.
func unspell(text string) (raw string, ok bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r > lastRune || byteOfRune[r] < 0 {
			return "", false
		}
		out = append(out, byte(byteOfRune[r]))
	}
	return string(out), true
}
