package tex

import (
	"strings"
	"unicode/utf8"
)

// kind is what an atom is to its neighbours: whether a minus after it is a sign, and whether a function's name before
// or after it needs a space (TeXbook, chapter 17).
type kind int

const (
	ordinary kind = iota
	operator      // binary operations and relations: what stands after them has its sign
	opening
	closing
	punctuation
	large    // sums and integrals
	function // names such as sin
)

// symbol is what a command without arguments stands for.
type symbol struct {
	text    string
	kind    kind
	upright bool // an identifier that TeX sets upright
	limits  bool // scripts go below and above in display style
}

// symbols are the commands without arguments, by name.
var symbols = func() map[string]symbol {
	all := map[string]symbol{}
	add := func(table string, s symbol) {
		words := strings.Fields(table)
		for i := 0; i < len(words); i += 2 {
			s.text = words[i+1]
			all[words[i]] = s
		}
	}
	add(lowercaseGreek, symbol{})
	add(uprightIdentifiers, symbol{upright: true})
	add(operators, symbol{kind: operator})
	add(openings, symbol{kind: opening})
	add(closings, symbol{kind: closing})
	add(largeOperators, symbol{kind: large, limits: true})
	add(integrals, symbol{kind: large})
	add(punctuations, symbol{kind: punctuation})
	for _, name := range strings.Fields(functions) {
		all[name] = symbol{text: name, kind: function}
	}
	for _, name := range strings.Fields(limitFunctions) {
		all[name] = symbol{text: name, kind: function, limits: true}
	}
	for name, text := range map[string]string{"liminf": "lim inf", "limsup": "lim sup", "argmax": "arg max", "argmin": "arg min"} {
		all[name] = symbol{text: text, kind: function, limits: true}
	}
	return all
}()

const lowercaseGreek = `alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
	varkappa ϰ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ
	varphi φ chi χ psi ψ omega ω digamma ϝ imath ı jmath ȷ ell ℓ`

const uprightIdentifiers = `Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
	infty ∞ partial ∂ nabla ∇ hbar ℏ hslash ℏ wp ℘ Re ℜ Im ℑ aleph ℵ beth ℶ gimel ℷ emptyset ∅ varnothing ∅ forall ∀
	exists ∃ nexists ∄ top ⊤ bot ⊥ angle ∠ measuredangle ∡ sphericalangle ∢ triangle △ square □ Box □ blacksquare ■ qed ∎
	lozenge ◊ bigstar ★ checkmark ✓ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ flat ♭ natural ♮ sharp ♯ prime ′
	degree ° complement ∁ eth ð mho ℧ Finv Ⅎ Bbbk 𝕜 ldots … dots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮
	ddots ⋱ backslash \ pounds £ euro € yen ¥ S § P ¶ copyright © N ℕ Z ℤ Q ℚ R ℝ C ℂ $ $ % % # # _ _`

const operators = `pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨
	wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ diamond ⋄ bigtriangleup △ bigtriangledown ▽ triangleleft ◃ triangleright ▹
	oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ dagger † ddagger ‡ amalg ⨿ lhd ⊲ rhd ⊳ unlhd ⊴ unrhd ⊵ ltimes ⋉ rtimes ⋊
	boxplus ⊞ boxtimes ⊠ boxdot ⊡ circledast ⊛ curlyvee ⋎ curlywedge ⋏ neg ¬ lnot ¬ & &
	leq ≤ le ≤ leqslant ⩽ geq ≥ ge ≥ geqslant ⩾ ll ≪ gg ≫ lll ⋘ ggg ⋙ lt < gt > neq ≠ ne ≠ equiv ≡ sim ∼ simeq ≃ approx ≈
	approxeq ≊ cong ≅ doteq ≐ triangleq ≜ coloneqq ≔ eqqcolon ≕ propto ∝ varpropto ∝ prec ≺ succ ≻ preceq ⪯ succeq ⪰
	subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈ nsupseteq ⊉ sqsubset ⊏ sqsupset ⊐
	sqsubseteq ⊑ sqsupseteq ⊒ in ∈ ni ∋ notin ∉ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨ Vdash ⊩ nvdash ⊬ perp ⊥ mid ∣ nmid ∤
	parallel ∥ nparallel ∦ bowtie ⋈ asymp ≍ smile ⌣ frown ⌢ lesssim ≲ gtrsim ≳ lessgtr ≶ nless ≮ ngtr ≯ nleq ≰ ngeq ≱
	therefore ∴ because ∵ between ≬ pitchfork ⋔ trianglelefteq ⊴ trianglerighteq ⊵
	leftarrow ← gets ← rightarrow → to → leftrightarrow ↔ Leftarrow ⇐ Rightarrow ⇒ Leftrightarrow ⇔ uparrow ↑ downarrow ↓
	updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ mapsto ↦ longmapsto ⟼ longleftarrow ⟵ longrightarrow ⟶
	longleftrightarrow ⟷ Longleftarrow ⟸ Longrightarrow ⟹ Longleftrightarrow ⟺ implies ⟹ impliedby ⟸ iff ⟺
	hookleftarrow ↩ hookrightarrow ↪ leftharpoonup ↼ leftharpoondown ↽ rightharpoonup ⇀ rightharpoondown ⇁
	rightleftharpoons ⇌ leftrightharpoons ⇋ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightsquigarrow ⇝ leadsto ⇝
	twoheadrightarrow ↠ leftleftarrows ⇇ rightrightarrows ⇉ leftrightarrows ⇆ rightleftarrows ⇄ nleftarrow ↚ nrightarrow ↛
	circlearrowleft ↺ circlearrowright ↻ upharpoonright ↾ restriction ↾ vert | Vert ‖ | ‖ colon :`

const openings = `{ { lbrace { lbrack [ langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lgroup ⟮ llbracket ⟦ ulcorner ⌜`

const closings = `} } rbrace } rbrack ] rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rgroup ⟯ rrbracket ⟧ urcorner ⌝`

const largeOperators = `sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄
	bigsqcup ⨆`

const integrals = `int ∫ iint ∬ iiint ∭ iiiint ⨌ oint ∮ oiint ∯ smallint ∫`

const punctuations = `cdotp ⋅ ldotp .`

const functions = `sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan arccot arcsec arccsc exp log ln lg arg dim
	deg hom ker tr rank sgn erf`

const limitFunctions = `lim max min sup inf det gcd lcm Pr`

// characters are the signs that stand for themselves, or for a better sign.
var characters = map[rune]symbol{
	'+': {text: "+", kind: operator}, '-': {text: "−", kind: operator}, '*': {text: "∗", kind: operator},
	'/': {text: "/", kind: ordinary}, '=': {text: "=", kind: operator}, '<': {text: "<", kind: operator},
	'>': {text: ">", kind: operator}, ':': {text: ":", kind: operator}, '(': {text: "(", kind: opening},
	'[': {text: "[", kind: opening}, ')': {text: ")", kind: closing}, ']': {text: "]", kind: closing},
	'|': {text: "|", kind: ordinary}, ',': {text: ",", kind: punctuation}, ';': {text: ";", kind: punctuation},
	'.': {text: ".", kind: ordinary}, '!': {text: "!", kind: closing}, '?': {text: "?", kind: closing},
	'@': {text: "@", kind: ordinary}, '"': {text: "″", kind: ordinary}, '`': {text: "‘", kind: ordinary},
	'%': {text: "%", kind: closing},
}

// accents are the commands that put a sign over or under their argument, and that sign.
var accents = map[string]struct {
	sign            string
	under, stretchy bool
}{
	"hat": {sign: "^"}, "check": {sign: "ˇ"}, "tilde": {sign: "~"}, "acute": {sign: "´"}, "grave": {sign: "`"},
	"dot": {sign: "˙"}, "ddot": {sign: "¨"}, "dddot": {sign: "⃛"}, "breve": {sign: "˘"}, "bar": {sign: "¯"}, "vec": {sign: "→"},
	"mathring": {sign: "˚"}, "widehat": {sign: "^", stretchy: true}, "widetilde": {sign: "~", stretchy: true},
	"overline": {sign: "¯", stretchy: true}, "underline": {sign: "_", under: true, stretchy: true},
	"overbrace": {sign: "⏞", stretchy: true}, "underbrace": {sign: "⏟", under: true, stretchy: true},
	"overrightarrow": {sign: "→", stretchy: true}, "overleftarrow": {sign: "←", stretchy: true},
	"overleftrightarrow": {sign: "↔", stretchy: true}, "underrightarrow": {sign: "→", under: true, stretchy: true},
	"underleftarrow": {sign: "←", under: true, stretchy: true},
}

// arrows are the commands whose arrow grows with what is written over and under it.
var arrows = map[string]string{
	"xrightarrow": "→", "xleftarrow": "←", "xleftrightarrow": "↔", "xRightarrow": "⇒", "xLeftarrow": "⇐",
	"xLeftrightarrow": "⇔", "xmapsto": "↦", "xhookrightarrow": "↪", "xhookleftarrow": "↩",
}

// spaces are widths in em (TeXbook, chapter 18).
var spaces = map[string]string{
	",": "0.1667", "thinspace": "0.1667", ":": "0.2222", ">": "0.2222", "medspace": "0.2222", ";": "0.2778",
	"thickspace": "0.2778", "!": "-0.1667", "negthinspace": "-0.1667", " ": "0.2222", "\n": "0.2222", "~": "0.2222",
	"enspace": "0.5", "enskip": "0.5", "quad": "1", "qquad": "2", "space": "0.2222", "nobreakspace": "0.2222",
}

// sizes are the heights of \big and its like.
var sizes = map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}

// dropped are commands that say nothing about what is read; the number is how many arguments go with them.
var dropped = map[string]int{
	"nonumber": 0, "notag": 0, "label": 1, "limits": 0, "nolimits": 0, "displaylimits": 0, "mathstrut": 0, "strut": 0,
	"hline": 0, "allowbreak": 0, "nobreak": 0, "relax": 0, "centering": 0, "rm": 0, "it": 0, "bf": 0, "cal": 0,
	"hspace": 1, "vspace": 1, "color": 1, "mathchoice": 4, "protect": 0, "noindent": 0, "/": 0,
}

// delimiter is the sign that a delimiter after \left, \right or \big stands for; "." stands for none.
func delimiter(name string, command bool) (string, bool) {
	if !command {
		switch name {
		case "(", ")", "[", "]", "|", "/":
			return name, true
		case "<":
			return "⟨", true
		case ">":
			return "⟩", true
		case ".":
			return "", true
		}
		return "", false
	}
	s, ok := symbols[name]
	if !ok || utf8.RuneCountInString(s.text) != 1 {
		return "", false
	}
	switch {
	case s.kind == opening, s.kind == closing, strings.ContainsRune(`|‖↑↓↕⇑⇓⇕\`, []rune(s.text)[0]):
		return s.text, true
	}
	return "", false
}
