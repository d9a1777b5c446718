package tex_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"rankloop/views/content/tex"
)

// inner is the MathML within <math> and its row.
func inner(t *testing.T, source string) string {
	t.Helper()
	mathML, err := tex.MathML(source, false)
	if err != nil {
		t.Errorf("MathML(%q): %v", source, err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(mathML, "<math><mrow>"), "</mrow></math>")
}

func TestMathML(t *testing.T) {
	for source, want := range map[string]string{
		`x`:               `<mi>x</mi>`,
		`3.14`:            `<mn>3.14</mn>`,
		`a+b`:             `<mi>a</mi><mo>+</mo><mi>b</mi>`,
		`a=-b`:            `<mi>a</mi><mo>=</mo><mo form="prefix">−</mo><mi>b</mi>`,
		`x^2`:             `<msup><mi>x</mi><mn>2</mn></msup>`,
		`x^23`:            `<msup><mi>x</mi><mn>2</mn></msup><mn>3</mn>`,
		`a_{ij}^2`:        `<msubsup><mi>a</mi><mrow><mi>i</mi><mi>j</mi></mrow><mn>2</mn></msubsup>`,
		`f'(x)`:           `<msup><mi>f</mi><mrow><mo>′</mo></mrow></msup><mo stretchy="false" form="prefix">(</mo><mi>x</mi><mo stretchy="false" form="postfix">)</mo>`,
		`f''^2`:           `<msup><mi>f</mi><mrow><mo>″</mo><mn>2</mn></mrow></msup>`,
		`\frac12`:         `<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>`,
		`\frac{a}{b}`:     `<mfrac><mrow><mrow><mi>a</mi></mrow></mrow><mrow><mrow><mi>b</mi></mrow></mrow></mfrac>`,
		`{a \over b}`:     `<mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac></mrow>`,
		`\sqrt[3]{x}`:     `<mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot>`,
		`\alpha\Omega`:    `<mi>α</mi><mi mathvariant="normal">Ω</mi>`,
		`\sin x`:          `<mi>sin</mi><mspace width="0.1667em"></mspace><mi>x</mi>`,
		`\sum_{i=1}^n i`:  `<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mrow><mi>n</mi></mrow></munderover><mi>i</mi>`,
		`\int_0^1`:        `<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>`,
		`\lim_{x\to0}`:    `<munder><mo movablelimits="true" lspace="0" rspace="0.1667em">lim</mo><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder>`,
		`\mathbb{R}`:      `<mrow><mi>ℝ</mi></mrow>`,
		`\mathbf{x}`:      `<mrow><mi>𝐱</mi></mrow>`,
		`\mathcal{L}`:     `<mrow><mi>ℒ</mi></mrow>`,
		`\mathrm{KL}`:     `<mi mathvariant="normal">KL</mi>`,
		`\text{if } x`:    "<mtext>if\u00a0</mtext><mi>x</mi>",
		`\text{<script>}`: `<mtext>&lt;script&gt;</mtext>`,
		`a < b & c`:       `<mtable displaystyle="true"><mtr><mtd class="tex-r tex-near"><mi>a</mi><mo>&lt;</mo><mi>b</mi></mtd><mtd class="tex-l tex-near"><mi>c</mi></mtd></mtr></mtable>`,
		`\left( x \right]`: `<mrow><mo fence="true" stretchy="true" symmetric="true" form="prefix">(</mo><mrow><mi>x</mi></mrow>` +
			`<mo fence="true" stretchy="true" symmetric="true" form="postfix">]</mo></mrow>`,
		`\begin{matrix}1&2\\3&4\end{matrix}`: `<mrow><mrow><mtable><mtr><mtd class="tex-c"><mn>1</mn></mtd><mtd class="tex-c"><mn>2</mn></mtd></mtr>` +
			`<mtr><mtd class="tex-c"><mn>3</mn></mtd><mtd class="tex-c"><mn>4</mn></mtd></mtr></mtable></mrow></mrow>`,
		`\begin{array}{c|c}a&b\end{array}`: `<mrow><mrow><mtable><mtr><mtd class="tex-c"><mi>a</mi></mtd><mtd class="tex-c tex-line"><mi>b</mi></mtd></mtr></mtable></mrow></mrow>`,
		`x &= 1 \\ y &= 2`: `<mtable displaystyle="true"><mtr><mtd class="tex-r tex-near"><mi>x</mi></mtd><mtd class="tex-l tex-near"><mo form="infix">=</mo><mn>1</mn></mtd></mtr>` +
			`<mtr><mtd class="tex-r tex-near"><mi>y</mi></mtd><mtd class="tex-l tex-near"><mo form="infix">=</mo><mn>2</mn></mtd></mtr></mtable>`,
		`\not\in`: "<mo>∈\u0338</mo>",
		`速度 v`:    `<mtext>速度</mtext><mi>v</mi>`,
		`10\%`:    `<mn>10</mn><mo stretchy="false" lspace="0" rspace="0">%</mo>`,
	} {
		if got := inner(t, source); got != want {
			t.Errorf("MathML(%q)\n got %s\nwant %s", source, got, want)
		}
	}
}

// What stands in textbooks is set without an error.
var textbook = []string{
	`x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}`,
	`e^{i\pi} + 1 = 0`,
	`\nabla \times \vec{\mathbf{B}} -\, \frac1c\, \frac{\partial\vec{\mathbf{E}}}{\partial t} = \frac{4\pi}{c}\vec{\mathbf{j}}`,
	`\mathcal{L}(\theta) = -\mathbb{E}_{(x, y_w, y_l) \sim D}\left[\log \sigma\left(r_\theta(x, y_w) - r_\theta(x, y_l)\right)\right]`,
	`f(x) = \begin{cases} x^2 & \text{if } x \ge 0, \\ -x & \text{otherwise.} \end{cases}`,
	`\begin{pmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & \vdots \\ a_{m1} & \cdots & a_{mn} \end{pmatrix}`,
	`\begin{align*} (a+b)^2 &= a^2 + 2ab + b^2 \\[4pt] &\ge 4ab \end{align*}`,
	`\oint_{\partial S} \mathbf{F}\cdot d\mathbf{r} = \iint_S (\nabla\times\mathbf{F})\cdot d\mathbf{S}`,
	`\lim_{n\to\infty} \left(1 + \frac{1}{n}\right)^n = e`,
	`\binom{n}{k} = \frac{n!}{k!\,(n-k)!}`,
	`\underbrace{1 + 1 + \dots + 1}_{n \text{ times}} = n`,
	`\hat{\theta}_{\mathrm{MLE}} = \operatorname*{arg\,max}_\theta \prod_{i=1}^{N} p(x_i \mid \theta)`,
	`A \xrightarrow[\text{cold}]{\text{hot}} B`,
	`\Pr\big[X \ge a\big] \le \frac{\operatorname{E}[X]}{a}`,
	`\forall \varepsilon > 0\ \exists \delta > 0 : |x - a| < \delta \implies |f(x) - L| < \varepsilon`,
	`a \equiv b \pmod{n}`, `\boxed{42}`, `\sum_{\substack{i < j \\ j < n}} a_{ij}`, `\left. \frac{dy}{dx} \right|_{x=0}`,
	`\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}^{-1}`, `\overline{z_1 + z_2}`, `25\,^\circ\mathrm{C}`, `\sqrt{\sqrt{\sqrt{x}}}`,
	`\{x \in \mathbb{R} \mid x^2 < 2\}`, `\lVert v \rVert_2`, `H_2O`, `\displaystyle\sum_i x_i`, `x'' + \omega^2 x = 0`,
}

func TestTextbook(t *testing.T) {
	for _, source := range textbook {
		if source == `\hat{\theta}_{\mathrm{MLE}} = \operatorname*{arg\,max}_\theta \prod_{i=1}^{N} p(x_i \mid \theta)` {
			if got := inner(t, source); strings.Contains(got, `\`) {
				t.Errorf("the space within an operator's name is shown as written: %s", got)
			}
		}
		mathML, err := tex.MathML(source, true)
		if err != nil {
			t.Errorf("MathML(%q): %v", source, err)
		}
		if found := unknown(mathML); found != "" {
			t.Errorf("MathML(%q) holds %s", source, found)
		}
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		`\frac{1}`:                               "an argument is missing",
		`{x`:                                     "a brace is not closed",
		`x}`:                                     "} is not expected here",
		`\href{javascript:alert(1)}{x}`:          `the command \href is not known`,
		`\def\x{1}`:                              `the command \def is not known`,
		`\left( x`:                               `\left without \right`,
		`x^1^2`:                                  "two superscripts",
		`\begin{evil}x\end{evil}`:                "the environment evil is not known",
		`\begin{matrix}x\end{pmatrix}`:           `\begin{matrix} without \end`,
		`\`:                                      "a backslash at the end",
		"a\u202eb":                               "the formula holds an invisible character",
		"a\x00b":                                 "the formula holds an invisible character",
		strings.Repeat("{", 100):                 "the formula is nested too deeply",
		strings.Repeat("x", 5000):                "the formula is too long",
		strings.Repeat(`\frac`, 200):             "the formula is nested too deeply",
		strings.Repeat(`\sqrt`, 200) + "x":       "the formula is nested too deeply",
		`\begin{array}{l` + "x" + `}\end{array}`: `the column 'x' is not known`,
		strings.Repeat("&", 60):                  "the formula is too long",
	} {
		if _, err := tex.MathML(source, false); err == nil || err.Error() != want {
			t.Errorf("MathML(%.40q): error %v, want %s", source, err, want)
		}
	}
}

// allowed are the elements of MathML that may occur, with their attributes.
var allowed = map[string]string{
	"math": "display", "mrow": "class", "mi": "mathvariant", "mn": "", "mtext": "", "mspace": "width", "mfrac": "linethickness",
	"mo": "stretchy form lspace rspace separator movablelimits fence symmetric minsize maxsize", "msqrt": "", "mroot": "",
	"msub": "", "msup": "", "msubsup": "", "munder": "", "mover": "accent", "munderover": "", "mphantom": "",
	"mstyle": "displaystyle scriptlevel", "mtable": "displaystyle", "mtr": "", "mtd": "class",
}

// unknown names what in MathML is not on the list, or that it is not well-formed.
func unknown(mathML string) string {
	var open []string
	for z := html.NewTokenizer(strings.NewReader(mathML)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				return "an open " + strings.Join(open, " ")
			}
			return ""
		case html.StartTagToken:
			t := z.Token()
			attributes, ok := allowed[t.Data]
			if !ok {
				return "<" + t.Data + ">"
			}
			for _, a := range t.Attr {
				if !strings.Contains(" "+attributes+" ", " "+a.Key+" ") {
					return "<" + t.Data + " " + a.Key + ">"
				}
			}
			open = append(open, t.Data)
		case html.EndTagToken:
			t := z.Token()
			if len(open) == 0 || open[len(open)-1] != t.Data {
				return "a stray </" + t.Data + ">"
			}
			open = open[:len(open)-1]
		case html.CommentToken, html.DoctypeToken, html.SelfClosingTagToken:
			return z.Token().String()
		}
	}
}

var pieces = append([]string{
	`{`, `}`, `^`, `_`, `&`, `\\`, `\`, `'`, `[`, `]`, `$`, ` `, `x`, `1`, `.`, `<`, `"`, `\frac`, `\left`, `\right`, `(`, `)`,
	`\begin{matrix}`, `\end{matrix}`, `\text{`, `\over`, `\big`, `\not`, `\mathbf`, `\mathrm{`, `\displaystyle`, `\middle|`, `\sqrt[`,
	`</math><script>alert(1)</script>`, `\begin{array}{`, "字", "\u0301", `\xrightarrow[`, `\operatorname{<b>}`, `\limits`, `\substack{`,
}, textbook[:6]...)

// Any sequence of pieces is set as known MathML or refused, at once.
func TestAnythingIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 40).Draw(t, "pieces"), "")
		start := time.Now()
		mathML, err := tex.MathML(source, rapid.Bool().Draw(t, "display"))
		if took := time.Since(start); took > time.Second {
			t.Fatalf("%q took %v", source, took)
		}
		if found := unknown(mathML); found != "" {
			t.Fatalf("%q holds %s", source, found)
		}
		if (err == nil) == (mathML == "") {
			t.Fatalf("%q: %q and %v", source, mathML, err)
		}
	})
}

func FuzzMathML(f *testing.F) {
	for _, source := range append(textbook, pieces...) {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		start := time.Now()
		mathML, _ := tex.MathML(source, true)
		if took := time.Since(start); took > time.Second {
			t.Fatalf("took %v", took)
		}
		if found := unknown(mathML); found != "" {
			t.Fatalf("holds %s", found)
		}
	})
}

func BenchmarkMathML(b *testing.B) {
	for b.Loop() {
		for _, source := range textbook {
			if _, err := tex.MathML(source, true); err != nil {
				b.Fatal(err)
			}
		}
	}
}
