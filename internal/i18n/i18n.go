// Package i18n translates the interface. One JSON catalog per locale holds every string, grouped by page; messages of
// *ranking.Error are looked up by their English format. English is the source: a message that another catalog lacks
// is shown in English, and tests keep that from happening.
package i18n

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"rankloop/ranking"
)

// Locale names a catalog by its BCP 47 tag.
type Locale string

// The locales, in the order in which a menu lists them. The first is the fallback.
const (
	English Locale = "en"
	Chinese Locale = "zh-Hans"
)

// Locales lists every locale that has a catalog.
func Locales() []Locale { return []Locale{English, Chinese} }

// Name is the locale's name in its own language.
func (l Locale) Name() string {
	if l == Chinese {
		return "简体中文"
	}
	return "English"
}

// Valid reports whether l has a catalog.
func (l Locale) Valid() bool { return l == English || l == Chinese }

var matcher = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

// Match picks the locale for an Accept-Language header: the best match, or English.
func Match(acceptLanguage string) Locale {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, index, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return English
	}
	return Locales()[index]
}

type contextKey struct{}

// WithLocale returns a context whose messages are in l.
func WithLocale(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// FromContext is the locale of ctx, English where none was set.
func FromContext(ctx context.Context) Locale {
	if l, ok := ctx.Value(contextKey{}).(Locale); ok {
		return l
	}
	return English
}

// T is the message of key in the context's locale, formatted with args as fmt.Sprintf does. A key that no catalog has
// comes out as itself, so that it is seen.
func T(ctx context.Context, key string, args ...any) string {
	m, ok := lookup(FromContext(ctx), key)
	if !ok {
		return key
	}
	return format(m.Other, args)
}

// N is the message of key for n things; n is also its first argument. Catalog entries with "one" and "other" differ by
// n in English; Chinese has one form.
func N(ctx context.Context, key string, n int, args ...any) string {
	m, ok := lookup(FromContext(ctx), key)
	if !ok {
		return key
	}
	text := m.Other
	if n == 1 && m.One != "" {
		text = m.One
	}
	return format(text, append([]any{n}, args...))
}

// Error is err's message for the person who reads the page, as a sentence. An error that is not a *ranking.Error is
// internal: its text stays in the log, and the page says only that something went wrong.
func Error(ctx context.Context, err error) string {
	var e *ranking.Error
	if !errors.As(err, &e) {
		return T(ctx, "errors.internal")
	}
	return sentence(FromContext(ctx), e, phrase(ctx, e))
}

// phrase is a message as it stands inside another one.
func phrase(ctx context.Context, e *ranking.Error) string {
	if translated, ok := errorFormats[FromContext(ctx)][e.Format]; ok {
		return format(translated, phrases(ctx, e.Args))
	}
	return e.Error()
}

// phrases translates the arguments of a message that are messages themselves.
func phrases(ctx context.Context, args []any) []any {
	translated := make([]any, len(args))
	for i, arg := range args {
		if inner, ok := arg.(*ranking.Error); ok {
			arg = phrase(ctx, inner)
		}
		translated[i] = arg
	}
	return translated
}

// Reason is why a place of an input is bad, for the person who reads the page. It stands behind the place.
func Reason(ctx context.Context, d ranking.Detail) string {
	if d.Why == nil {
		return d.Reason
	}
	return phrase(ctx, d.Why)
}

// HasError reports whether the locale's catalog translates an English error format.
func HasError(l Locale, englishFormat string) bool {
	_, ok := errorFormats[l][englishFormat]
	return ok
}

// ErrorFormats are the formats that the locale's catalog translates, by their English.
func ErrorFormats(l Locale) map[string]string { return maps.Clone(errorFormats[l]) }

// Number writes n with thousands separators, the same in both locales.
func Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return sign + out.String()
}

// format leaves a message without arguments alone, so that a percent sign in plain text needs no escape.
func format(text string, args []any) string {
	if len(args) == 0 || !strings.Contains(text, "%") {
		return text
	}
	return fmt.Sprintf(text, args...)
}
