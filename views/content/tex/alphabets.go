package tex

import "strings"

// alphabet is one of the alphabets of mathematics. Browsers no longer draw mathvariant, so letters are replaced by the
// characters that Unicode has for them (block Mathematical Alphanumeric Symbols, U+1D400 to U+1D7FF).
type alphabet struct {
	upper, lower, digits, greek rune // where A, a, 0 and Α begin; 0 where the alphabet lacks them
	exceptions                  string
}

// alphabets by the commands that switch to them. Letters that Unicode had before the block are exceptions: pairs of the
// letter and its sign.
var alphabets = map[string]*alphabet{
	"mathbf": bold, "bm": boldItalic, "boldsymbol": boldItalic, "pmb": boldItalic, "mathbfit": boldItalic,
	"mathbb":  {upper: 0x1D538, lower: 0x1D552, digits: 0x1D7D8, exceptions: "CℂHℍNℕPℙQℚRℝZℤ"},
	"mathcal": script, "mathscr": script,
	"mathfrak": {upper: 0x1D504, lower: 0x1D51E, exceptions: "CℭHℌIℑRℜZℨ"},
	"mathsf":   {upper: 0x1D5A0, lower: 0x1D5BA, digits: 0x1D7E2},
	"mathtt":   {upper: 0x1D670, lower: 0x1D68A, digits: 0x1D7F6},
	"mathit":   {upper: 0x1D434, lower: 0x1D44E, exceptions: "hℎ"},
	"mathrm":   upright, "mathnormal": nil, "mathup": upright,
}

var (
	bold       = &alphabet{upper: 0x1D400, lower: 0x1D41A, digits: 0x1D7CE, greek: 0x1D6A8}
	boldItalic = &alphabet{upper: 0x1D468, lower: 0x1D482, digits: 0x1D7CE, greek: 0x1D71C}
	script     = &alphabet{upper: 0x1D49C, lower: 0x1D4B6, exceptions: "BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ"}
	upright    = &alphabet{}
)

// letter is r in the alphabet, and r itself where the alphabet has no sign for it.
func (a *alphabet) letter(r rune) rune {
	if a == nil || a == upright {
		return r
	}
	if i := strings.IndexRune(a.exceptions, r); i >= 0 && r < 0x80 {
		return []rune(a.exceptions[i:])[1]
	}
	switch {
	case r >= 'A' && r <= 'Z' && a.upper != 0:
		return a.upper + r - 'A'
	case r >= 'a' && r <= 'z' && a.lower != 0:
		return a.lower + r - 'a'
	case r >= '0' && r <= '9' && a.digits != 0:
		return a.digits + r - '0'
	case r >= 'Α' && r <= 'Ω' && a.greek != 0: // Greek capitals
		return a.greek + r - 'Α'
	case r >= 'α' && r <= 'ω' && a.greek != 0:
		return a.greek + 26 + r - 'α'
	}
	return r
}
