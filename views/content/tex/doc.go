// Package tex turns mathematics as LaTeX writes it into MathML that browsers draw without scripts (MathML Core). It
// knows the commands of LaTeX and amsmath that stand in answers, no macros and no packages; of anything else it says
// that it does not know it, and the formula is then shown as it was written.
//
// The work is linear in the source, which is limited, as is the depth of its groups. What it returns consists of
// elements and attributes that are named in this package, and of escaped text.
package tex

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

const (
	// SourceBytesMax is the longest formula that is set. A page of displayed equations has about 2 kB.
	SourceBytesMax = 4 << 10
	// depthMax is how deep groups may lie in each other.
	depthMax = 24
	// outputBytesMax bounds the MathML: the largest element that a byte of source can ask for has some 150 bytes.
	outputBytesMax = 256 << 10
)

// Errors of MathML, besides those that name an unknown command.
var (
	errTooLong   = errors.New("the formula is too long")
	errTooDeep   = errors.New("the formula is nested too deeply")
	errInvisible = errors.New("the formula holds an invisible character")
)

// MathML sets a formula, without the dollar signs around it, as one <math> element. Display formulas stand in a line of
// their own. It is an error if the source is no TeX that this package knows.
func MathML(source string, display bool) (mathML string, err error) {
	if len(source) > SourceBytesMax {
		return "", errTooLong
	}
	for _, r := range source {
		if r == unicode.ReplacementChar || r != '\n' && r != '\t' && !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return "", errInvisible
		}
	}
	defer func() {
		if p := recover(); p != nil {
			failed, ok := p.(failure)
			if !ok {
				panic(p)
			}
			mathML, err = "", failed.error
		}
	}()
	p := &parser{source: source}
	body := p.formula()
	if display {
		return `<math display="block">` + body + `</math>`, nil
	}
	return `<math>` + body + `</math>`, nil
}

// failure carries an error up through the parser's recursion.
type failure struct{ error }

func fail(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

// escape writes text of the source into MathML.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace
