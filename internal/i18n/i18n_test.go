package i18n_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"testing"

	"rankloop/internal/i18n"
	"rankloop/ranking"
)

func in(l i18n.Locale) context.Context { return i18n.WithLocale(context.Background(), l) }

func TestMatch(t *testing.T) {
	for header, want := range map[string]i18n.Locale{
		"":                          i18n.English,
		"en-GB,en;q=0.8":            i18n.English,
		"zh-CN,zh;q=0.9,en;q=0.8":   i18n.Chinese,
		"zh":                        i18n.Chinese,
		"zh-Hans-SG":                i18n.Chinese,
		"fr-FR,zh;q=0.5,en;q=0.1":   i18n.Chinese,
		"ja,de":                     i18n.English,
		"not a header; q=zero, , *": i18n.English,
		"en;q=0.1, zh-Hans;q=0.9":   i18n.Chinese,
	} {
		if got := i18n.Match(header); got != want {
			t.Errorf("Match(%q) = %s, want %s", header, got, want)
		}
	}
}

func TestMessages(t *testing.T) {
	if got := i18n.N(in(i18n.English), "ranking.words", 1); got != "1 word" {
		t.Errorf("one: %q", got)
	}
	if got := i18n.N(in(i18n.English), "ranking.words", 2); got != "2 words" {
		t.Errorf("two: %q", got)
	}
	if got := i18n.N(in(i18n.Chinese), "ranking.words", 1); got != "1 字" {
		t.Errorf("Chinese: %q", got)
	}
	if got := i18n.T(in(i18n.Chinese), "no.such_key"); got != "no.such_key" {
		t.Errorf("an unknown key: %q", got)
	}
	if got := i18n.T(context.Background(), "nav.home"); got != "Home" {
		t.Errorf("no locale: %q", got)
	}
}

func TestError(t *testing.T) {
	err := ranking.Errorf(ranking.CodeInvalid, "the ranking leaves out %d of %d responses", 1, 4)
	if got := i18n.Error(in(i18n.English), err); got != "The ranking leaves out 1 of 4 responses." {
		t.Errorf("English: %q", got)
	}
	if got := i18n.Error(in(i18n.Chinese), err); got != "排序遗漏了 4 个回复中的 1 个。" {
		t.Errorf("Chinese, arguments in another order: %q", got)
	}
	secret := errors.New("dial tcp: password=hunter2")
	for _, l := range i18n.Locales() {
		if got := i18n.Error(in(l), secret); got != i18n.T(in(l), "errors.internal") {
			t.Errorf("an internal error shows %q", got)
		}
	}
}

// A message by itself is a sentence; a name, a key or a path at its beginning stays as it is.
func TestErrorIsASentence(t *testing.T) {
	what := ranking.Errorf(ranking.CodeInvalid, "the text")
	for want, err := range map[string]*ranking.Error{
		"Only your newest 3 answers can be changed.": ranking.Errorf(ranking.CodeInvalid, "only your newest %d answers can be changed", 3),
		"Item 2: the rank must be 1 to 6.":           ranking.Errorf(ranking.CodeInvalid, "item %d: the rank must be 1 to %d", 2, 6),
		"The text is missing.":                       ranking.Errorf(ranking.CodeInvalid, "%s is missing", what),
		"helpful has no prompts.":                    ranking.Errorf(ranking.CodeInvalid, "%s has no prompts", "helpful"),
		"pass_mark must be above 0.":                 ranking.Errorf(ranking.CodeInvalid, "pass_mark must be above 0"),
		"prompts.jsonl is empty.":                    ranking.Errorf(ranking.CodeInvalid, "prompts.jsonl is empty"),
		"What is meant?":                             ranking.Errorf(ranking.CodeInvalid, "what is meant?"),
		"DPO needs pairs.":                           ranking.Errorf(ranking.CodeInvalid, "DPO needs pairs"),
	} {
		if got := i18n.Error(in(i18n.English), err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A phrase inside a message is translated by itself, and so is a message that was stored.
func TestPhrases(t *testing.T) {
	key := ranking.Errorf(ranking.CodeInvalid, "has the unknown key %q; did you mean %q?", "modle", "model")
	detail := ranking.Errorf(ranking.CodeInvalid, "response %d %s", 2, key).At("f.jsonl", 3)
	if detail.Reason != `response 2 has the unknown key "modle"; did you mean "model"?` || i18n.Reason(in(i18n.English), detail) != detail.Reason {
		t.Errorf("English: %q", detail.Reason)
	}
	if got := i18n.Reason(in(i18n.Chinese), detail); got != `第 2 个回复有未知的键 "modle"；是否指 "model"？` {
		t.Errorf("Chinese: %q", got)
	}
	if got := i18n.Reason(in(i18n.Chinese), ranking.Detail{Reason: "as it is"}); got != "as it is" {
		t.Errorf("a reason without parts: %q", got)
	}
	warning := ranking.Errorf(ranking.CodeInvalid, "the stored state of step %d was damaged: the run went on from step %d", 8, 6)
	stored := ranking.Stored(warning.Code, warning.Format, warning.TextArgs())
	if got := i18n.Error(in(i18n.Chinese), stored); got != "第 8 步保存的状态已损坏：训练从第 6 步继续。" {
		t.Errorf("stored: %q", got)
	}
	if got := i18n.Error(in(i18n.English), stored); got != "The stored state of step 8 was damaged: the run went on from step 6." {
		t.Errorf("stored, in English: %q", got)
	}
}

// Translated errors have the blanks of their English format, whatever their order.
func TestErrorBlanks(t *testing.T) {
	verbs := regexp.MustCompile(`%(?:\[\d+\])?[.\d]*[a-z]`)
	plain := func(format string) []string {
		found := verbs.FindAllString(format, -1)
		for i := range found {
			found[i] = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(found[i], "")
		}
		slices.Sort(found)
		return found
	}
	for _, l := range i18n.Locales()[1:] {
		for english, translated := range i18n.ErrorFormats(l) {
			if !slices.Equal(plain(english), plain(translated)) {
				t.Errorf("%s: %q is translated as %q", l, english, translated)
			}
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -4321: "−4,321"} {
		if got := i18n.Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

var blanks = regexp.MustCompile(`%(?:\[\d+\])?[a-z]|\{\w+\}`)

// Both catalogs say the same things, with the same blanks to fill in.
func TestCatalogsAgree(t *testing.T) {
	want := i18n.Keys(i18n.English)
	slices.Sort(want)
	for _, l := range i18n.Locales() {
		got := i18n.Keys(l)
		slices.Sort(got)
		for _, key := range want {
			if !slices.Contains(got, key) {
				t.Errorf("%s lacks %s", l, key)
			}
		}
		for _, key := range got {
			if !slices.Contains(want, key) {
				t.Errorf("%s has %s, which English lacks", l, key)
			}
			english, translated := blanks.FindAllString(i18n.T(in(i18n.English), key), -1), blanks.FindAllString(i18n.T(in(l), key), -1)
			for i := range translated {
				translated[i] = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(translated[i], "")
			}
			slices.Sort(english)
			slices.Sort(translated)
			if !slices.Equal(english, translated) {
				t.Errorf("%s of %s has the blanks %v, English has %v", key, l, translated, english)
			}
		}
	}
}
