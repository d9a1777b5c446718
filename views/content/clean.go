package content

import (
	"strings"
	"unicode/utf8"
)

// lineEnds makes every end of a line "\n".
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// clean makes valid UTF-8 with plain line ends, at most TextBytesMax of it.
func clean(source string) (cleaned string, cut bool) {
	if len(source) > TextBytesMax {
		end := TextBytesMax
		for end > TextBytesMax-utf8.UTFMax && !utf8.RuneStart(source[end]) {
			end--
		}
		source, cut = source[:end], true
	}
	return lineEnds.Replace(strings.ToValidUTF8(source, "\uFFFD")), cut
}

func longestLine(source string) int {
	longest := 0
	for line := range strings.Lines(source) {
		longest = max(longest, len(line))
	}
	return longest
}

// plainPartBytes is the size of the parts that a long plain text is shown in. A browser lays out only the parts that it
// shows, so that a text of a megabyte opens at once.
const plainPartBytes = 8 << 10

// plain shows a text as it was written.
func plain(source string) string {
	w := writer{limit: 1 << 30}
	w.raw(`<div class="md-plain">`)
	for source != "" {
		part := plainPart(source)
		source = source[len(part):]
		w.raw(`<pre dir="auto">`)
		// HTML drops a line end that follows <pre>; at the end of a part, the next part begins a line anyway.
		if strings.HasPrefix(part, "\n") {
			w.raw("\n")
		}
		w.text(strings.TrimSuffix(part, "\n"))
		w.raw(`</pre>`)
	}
	w.raw(`</div>`)
	return w.String()
}

// plainPart is the beginning of a text up to the end of its last line that fits into a part; of a longer line, as much
// as fits.
func plainPart(source string) string {
	if len(source) <= plainPartBytes {
		return source
	}
	if end := strings.LastIndexByte(source[:plainPartBytes], '\n'); end >= 0 {
		return source[:end+1]
	}
	end := plainPartBytes
	for !utf8.RuneStart(source[end]) {
		end--
	}
	return source[:end]
}
