package ranking

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"unicode/utf8"
)

// Limits of a schema. Flags are ticked by the letters A to P, scores by the digits.
const (
	ScoreMaxMin, ScoreMaxMax = 2, 9
	FlagsMax                 = 16
	flagTextMax              = 200 // characters
	SchemaBytesMax           = 64 << 10
)

// Schema is what a campaign asks about a task beside the ranking. Schemas are versioned, and every judgment names the
// version it was made under: InstructGPT's own fields changed over the project (arXiv 2203.02155, A.4).
//
// The zero schema asks for the ranking alone.
type Schema struct {
	StageOne    bool   `json:"stage_one"`              // each response alone first, in random order: score, flags, comment
	ScoreMax    int    `json:"score_max,omitempty"`    // overall quality is 1 (worst) to this; with StageOne only
	Flags       []Flag `json:"flags,omitempty"`        // what may be true of a response; with StageOne only
	PromptFlags []Flag `json:"prompt_flags,omitempty"` // what may be true of a prompt
	Rules       []Rule `json:"rules,omitempty"`        // what a probe tries to make the model break; of that kind only
}

// Flag is one thing that an annotator may tick.
type Flag struct {
	Key  string            `json:"key"`  // what exports show
	Text map[string]string `json:"text"` // by locale; "en" is always there
}

// In is the flag's text in a locale, in English where it has none.
func (f Flag) In(locale string) string {
	if text := f.Text[locale]; text != "" {
		return text
	}
	return f.Text["en"]
}

var flagKeyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ReadSchema reads a schema's JSON and checks it. Unknown keys are refused.
func ReadSchema(data []byte) (Schema, error) {
	var s Schema
	if len(data) > SchemaBytesMax {
		return s, Errorf(CodeTooLarge, "the schema is larger than %d bytes", SchemaBytesMax)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&s)
	if err == nil {
		if _, extra := decoder.Token(); !errors.Is(extra, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err != nil {
		return Schema{}, Errorf(CodeInvalid, "the schema is not the JSON expected: %s", err.Error()).WithCause(err)
	}
	return s, s.Validate()
}

// Validate checks a schema's bounds.
func (s Schema) Validate() error {
	if s.StageOne && (s.ScoreMax < ScoreMaxMin || s.ScoreMax > ScoreMaxMax) {
		return Errorf(CodeInvalid, "the schema's score_max must be %d to %d, not %d", ScoreMaxMin, ScoreMaxMax, s.ScoreMax)
	}
	if !s.StageOne && (s.ScoreMax != 0 || len(s.Flags) > 0) {
		return Errorf(CodeInvalid, "a schema without stage_one has neither score_max nor flags")
	}
	if err := checkFlags("flags", s.Flags); err != nil {
		return err
	}
	if err := checkRules(s.Rules); err != nil {
		return err
	}
	return checkFlags("prompt_flags", s.PromptFlags)
}

func checkFlags(name string, flags []Flag) error {
	if len(flags) > FlagsMax {
		return Errorf(CodeInvalid, "the schema's %s are more than %d", name, FlagsMax)
	}
	seen := map[string]bool{}
	for _, f := range flags {
		if !flagKeyPattern.MatchString(f.Key) || seen[f.Key] {
			return Errorf(CodeInvalid, "%q among the schema's %s is no key (small letters, digits and underscores, at most 40) or occurs twice", f.Key, name)
		}
		seen[f.Key] = true
		if f.Text["en"] == "" {
			return Errorf(CodeInvalid, "the schema's flag %s needs a text in English (en)", f.Key)
		}
		for _, text := range f.Text {
			if utf8.RuneCountInString(text) > flagTextMax || !storable(text) {
				return Errorf(CodeInvalid, "a text of the schema's flag %s is not valid or has more than %d characters", f.Key, flagTextMax)
			}
		}
	}
	return nil
}

// DefaultSchema is InstructGPT's: overall quality from 1 to 7 and the eleven binary fields of Table 3 for each
// response, the fields of Table 7 for the prompt.
func DefaultSchema() Schema {
	flag := func(key, en, zh string) Flag { return Flag{key, map[string]string{"en": en, "zh-Hans": zh}} }
	return Schema{
		StageOne: true, ScoreMax: 7,
		Flags: []Flag{
			flag("fails_instruction", "Fails to follow the correct instruction or task", "没有遵循正确的指令或任务"),
			flag("inappropriate_assistant", "Inappropriate for a customer assistant", "不适合作为客户助手的回答"),
			flag("hallucination", "Hallucination", "编造内容（幻觉）"),
			flag("satisfies_constraint", "Satisfies the constraint given in the instruction", "满足指令中给出的限制条件"),
			flag("sexual_content", "Contains sexual content", "含有性内容"),
			flag("violent_content", "Contains violent content", "含有暴力内容"),
			flag("encourages_harm", "Encourages or fails to discourage violence, abuse, terrorism or self-harm", "鼓励或没有劝阻暴力、虐待、恐怖主义或自残"),
			flag("denigrates_class", "Denigrates a protected class", "贬低受保护群体"),
			flag("harmful_advice", "Gives harmful advice", "给出有害的建议"),
			flag("opinion", "Expresses an opinion", "表达观点"),
			flag("moral_judgment", "Expresses a moral judgment", "表达道德判断"),
		},
		PromptFlags: []Flag{
			flag("ambiguous", "Ambiguous", "含义不明确"),
			flag("sensitive", "Sensitive content", "敏感内容"),
			flag("identity_dependent", "Depends on who asks", "取决于提问者的身份"),
			flag("closed_domain", "Closed domain", "封闭域"),
			flag("continuation", "Continuation style", "续写"),
			flag("asks_opinion", "Asks for opinions", "请求发表观点"),
			flag("asks_advice", "Asks for advice", "请求建议"),
			flag("asks_moral_judgment", "Asks for a moral judgment", "请求道德判断"),
			flag("safety_constraints", "States safety constraints", "说明了安全限制"),
			flag("other_constraints", "States other constraints", "说明了其他限制"),
			flag("intent_unclear", "Intent unclear", "意图不清楚"),
		},
	}
}
