package ranking

import (
	"strings"
	"unicode/utf8"
)

// Limits of the rules of a campaign that probes them.
const (
	RulesMax      = 100
	RulesBytesMax = 64 << 10 // of the text that lists them; RulesMax rules with some advice each
	ruleNameMax   = 60       // characters
	ruleTextMax   = 1000
	ruleAdviceMax = 4000
)

// Rule is what the model should keep, in plain words: "The model does not give medical advice." One that is reworded
// keeps its name, by which probes are counted; the version of the schema says which words held.
type Rule struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Advice string `json:"advice,omitempty"` // to the annotator: what may break it
}

// Rule is the rule of a name; false where the schema has none.
func (s Schema) Rule(name string) (Rule, bool) {
	for _, r := range s.Rules {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}

// checkRules holds a schema's rules to their limits.
func checkRules(rules []Rule) error {
	if len(rules) > RulesMax {
		return Errorf(CodeInvalid, "there are more than %d rules", RulesMax)
	}
	seen := map[string]bool{}
	for _, r := range rules {
		if reason := r.bad(); reason != nil {
			return Errorf(CodeInvalid, "the rule %q: %s", r.Name, reason)
		}
		if seen[r.Name] {
			return Errorf(CodeInvalid, "the rule %q: %s", r.Name, because("its name occurs twice"))
		}
		seen[r.Name] = true
	}
	return nil
}

// bad says what is wrong with a rule, nil for nothing.
func (r Rule) bad() *Error {
	switch {
	case r.Name == "" || r.Name != strings.TrimSpace(r.Name) || strings.ContainsAny(r.Name, ":：\r\n") || !storable(r.Name) || utf8.RuneCountInString(r.Name) > ruleNameMax:
		return because("a name is one line of 1 to %d characters without a colon", ruleNameMax)
	case strings.HasPrefix(r.Name, "#"):
		return because("a name does not begin with #, which begins a remark")
	case r.Text == "" || r.Text != strings.TrimSpace(r.Text) || strings.ContainsAny(r.Text, "\r\n") || !storable(r.Text) || utf8.RuneCountInString(r.Text) > ruleTextMax:
		return because("its text is one line of 1 to %d characters", ruleTextMax)
	case !storable(r.Advice) || utf8.RuneCountInString(r.Advice) > ruleAdviceMax:
		return because("its advice is not valid text or has more than %d characters", ruleAdviceMax)
	}
	return nil
}

// ReadRules reads rules as people write them. A rule is a line "name: what the model should do"; the indented lines
// behind it are its advice. Empty lines, and lines that begin with #, mean nothing. file names the text in details.
func ReadRules(file, text string) ([]Rule, error) {
	if len(text) > RulesBytesMax {
		return nil, Errorf(CodeTooLarge, "the rules are larger than %d bytes", RulesBytesMax)
	}
	if !storable(text) {
		return nil, Errorf(CodeInvalid, "the rules are not valid text")
	}
	var rules []Rule
	var begins []int // the lines on which they do
	var bad []*Error
	var details []Detail
	refuse := func(line int, reason *Error) {
		bad = append(bad, reason)
		details = append(details, reason.At(file, line))
	}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimRight(line, " \t\r\u3000")
		content := strings.TrimLeft(line, " \t\u3000")
		switch {
		case content == "" || strings.HasPrefix(content, "#"):
		case content != line && len(rules) == 0:
			refuse(i+1, because("an indented line is advice on the rule before it, and there is none"))
		case content != line:
			r := &rules[len(rules)-1]
			r.Advice = strings.TrimPrefix(r.Advice+"\n"+content, "\n")
		default:
			name, what, found := cutColon(content)
			if !found {
				refuse(i+1, because("a rule reads \"name: what the model should do\"; advice on the rule before is indented"))
				continue
			}
			rules, begins = append(rules, Rule{Name: name, Text: what}), append(begins, i+1)
		}
	}
	first := map[string]int{}
	for i, r := range rules {
		if reason := r.bad(); reason != nil {
			refuse(begins[i], reason)
		} else if line, twice := first[r.Name]; twice {
			refuse(begins[i], because("its name is that of the rule on line %d", line))
		} else {
			first[r.Name] = begins[i]
		}
	}
	if len(bad) > 0 {
		return nil, Errorf(CodeInvalid, "line %d of the rules: %s", details[0].Line, bad[0]).WithDetails(details)
	}
	if len(rules) == 0 {
		return nil, Errorf(CodeInvalid, "there is no rule; a rule reads \"name: what the model should do\"")
	}
	return rules, checkRules(rules)
}

// cutColon splits at the first colon, as Latin or Chinese script has it.
func cutColon(line string) (before, after string, found bool) {
	at := strings.IndexAny(line, ":：")
	if at < 0 {
		return "", "", false
	}
	_, width := utf8.DecodeRuneInString(line[at:])
	return strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+width:]), true
}

// WriteRules writes rules as ReadRules reads them.
func WriteRules(rules []Rule) string {
	var text strings.Builder
	for i, r := range rules {
		if i > 0 {
			text.WriteString("\n")
		}
		text.WriteString(r.Name + ": " + r.Text + "\n")
		for _, line := range strings.Split(r.Advice, "\n") {
			if line != "" {
				text.WriteString("    " + line + "\n")
			}
		}
	}
	return text.String()
}
