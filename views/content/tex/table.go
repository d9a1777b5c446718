package tex

import "strings"

// environment is how \begin{name} lays its lines and columns out.
type environment struct {
	left, right string // fences
	align       string // of columns: letters l, c, r; repeated where there are more columns
	display     bool   // cells are in display style
	lines       string // column numbers with a line before them, as bytes
}

const (
	columnsMax = 40
	cellsMax   = 1000
)

var environments = map[string]environment{
	"matrix": {align: "c"}, "smallmatrix": {align: "c"}, "pmatrix": {left: "(", right: ")", align: "c"},
	"bmatrix": {left: "[", right: "]", align: "c"}, "Bmatrix": {left: "{", right: "}", align: "c"},
	"vmatrix": {left: "|", right: "|", align: "c"}, "Vmatrix": {left: "‖", right: "‖", align: "c"},
	"cases": {left: "{", align: "l"}, "dcases": {left: "{", align: "l", display: true}, "rcases": {right: "}", align: "l"},
	"aligned": {align: "rl", display: true}, "align": {align: "rl", display: true}, "alignedat": {align: "rl", display: true},
	"alignat": {align: "rl", display: true}, "split": {align: "rl", display: true}, "eqnarray": {align: "rcl", display: true},
	"gather": {align: "c", display: true}, "gathered": {align: "c", display: true}, "multline": {align: "c", display: true},
	"equation": {align: "c", display: true}, "displaymath": {align: "c", display: true}, "math": {align: "c"},
	"array": {}, "subarray": {},
}

// environment reads \begin{name} … \end{name}, of which \begin has been read.
func (p *parser) environment() atom {
	name := p.raw()
	e, ok := environments[strings.TrimSuffix(name, "*")]
	if !ok {
		fail("the environment %s is not known", name)
	}
	switch strings.TrimSuffix(name, "*") {
	case "array", "subarray":
		e.align, e.lines = columns(p.raw())
	case "alignat", "alignedat":
		p.raw()
	case "aligned", "gathered", "split":
		p.rawOptional()
	}
	body := p.table(&e)
	if !p.next().isCommand("end") || p.raw() != name {
		fail(`\begin{%s} without \end`, name)
	}
	if e.left == "" && e.right == "" {
		return atom{html: group(body)}
	}
	html := `<mrow>`
	if e.left != "" {
		html += `<mo fence="true" stretchy="true" symmetric="true" form="prefix">` + e.left + `</mo>`
	}
	html += body
	if e.right != "" {
		html += `<mo fence="true" stretchy="true" symmetric="true" form="postfix">` + e.right + `</mo>`
	}
	return atom{html: html + `</mrow>`}
}

// columns reads the specification of an array, such as "lc|r".
func columns(specification string) (align, lines string) {
	for _, c := range specification {
		switch c {
		case 'l', 'c', 'r':
			align += string(c)
		case '|':
			lines += string(rune(len(align)))
		case ' ':
		default:
			fail("the column %q is not known", c)
		}
	}
	if align == "" || len(align) > columnsMax {
		fail("the columns of an array are missing")
	}
	return align, lines
}

// table reads cells up to what ends it. A single cell is no table.
func (p *parser) table(e *environment) string {
	rows := [][]string{{}}
	cells := 0
	for {
		cell := p.row(false)
		last := len(rows) - 1
		if cells++; cells > cellsMax || len(rows[last]) == columnsMax {
			panic(failure{errTooLong})
		}
		rows[last] = append(rows[last], cell)
		switch t := p.peek(); {
		case t.is("&"):
			p.next()
		case t.isCommand(`\`), t.isCommand("cr"):
			p.next()
			if rest := p.source[p.at:]; strings.HasPrefix(rest, "[") && strings.Contains(rest, "]") && isLength(rest[1:strings.IndexByte(rest, ']')]) {
				p.rawOptional()
			}
			rows = append(rows, []string{})
		default:
			if n := len(rows) - 1; n > 0 && len(rows[n]) == 1 && rows[n][0] == "" {
				rows = rows[:n] // a line break after the last line
			}
			if len(rows) == 1 && len(rows[0]) == 1 {
				return group(rows[0][0])
			}
			return group(writeTable(rows, e))
		}
	}
}

// isLength tells the space after a line, \\[2pt], from a bracket that begins the next one.
func isLength(text string) bool {
	text = strings.TrimSpace(text)
	return len(text) > 2 && len(text) < 12 && strings.Trim(text, "0123456789.-") == text[len(text)-2:]
}

func writeTable(rows [][]string, e *environment) string {
	var out strings.Builder
	out.WriteString(`<mtable`)
	if e.display {
		out.WriteString(` displaystyle="true"`)
	}
	out.WriteString(`>`)
	for _, row := range rows {
		out.WriteString(`<mtr>`)
		for i, cell := range row {
			class := "tex-" + string(e.align[i%len(e.align)])
			if e.align == "rl" || e.align == "rcl" {
				class += " tex-near"
			}
			if i > 0 && strings.ContainsRune(e.lines, rune(i)) {
				class += " tex-line"
			}
			// An operator that begins a cell stands between that cell and the one before.
			if i > 0 {
				if rest, ok := strings.CutPrefix(cell, `<mo>`); ok {
					cell = `<mo form="infix">` + rest
				}
			}
			out.WriteString(`<mtd class="` + class + `">` + cell + `</mtd>`)
		}
		out.WriteString(`</mtr>`)
	}
	out.WriteString(`</mtable>`)
	return out.String()
}

// substack is short lines below a sum.
func (p *parser) substack() string {
	if !p.accept("{") {
		fail("an argument in braces is missing")
	}
	body := p.table(&environment{align: "c"})
	if !p.accept("}") {
		fail("a brace is not closed")
	}
	return group(body)
}
