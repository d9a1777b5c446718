package ranking

import (
	"encoding/json"
	"math"
)

// ReadQuiz reads a quiz from a file: one JSON object with pass_mark, attempts and items. It is strict: a key that is not
// known or given twice is refused, and every error names the item.
func ReadQuiz(data []byte) (Quiz, error) {
	if len(data) > QuizBytesMax {
		return Quiz{}, Errorf(CodeTooLarge, "the quiz is larger than %d bytes", QuizBytesMax)
	}
	q := Quiz{PassMark: QuizPassMark, Attempts: QuizAttempts}
	reason := checkJSON(data)
	if reason == nil {
		reason = objectFields(data, q.field)
	}
	if reason != nil {
		return Quiz{}, noQuiz(because("the file %s", reason))
	}
	if err := q.Validate(); err != nil {
		return Quiz{}, err
	}
	return q, nil
}

func (q *Quiz) field(key string, value []byte) (reason *Error) {
	switch key {
	case "pass_mark":
		if json.Unmarshal(value, &q.PassMark) != nil || string(value) == "null" || math.IsInf(q.PassMark, 0) {
			return because("has a %s that is no number", key)
		}
	case "attempts":
		return wholeNumber(key, value, &q.Attempts)
	case "items":
		return listOf(key, value, QuizItemsMax, because("item"), func(_ int, raw []byte) *Error {
			var item QuizItem
			defer func() { q.Items = append(q.Items, item) }()
			return objectFields(raw, item.field)
		})
	default:
		return unknownKey(key, []string{"pass_mark", "attempts", "items"})
	}
	return nil
}

func (i *QuizItem) field(key string, value []byte) (reason *Error) {
	switch key {
	case "text":
		i.Text, reason = jsonString(key, value)
	case "explanation":
		i.Explanation, reason = jsonString(key, value)
	case "options":
		return listOf(key, value, QuizOptionsMax, because("option"), func(_ int, raw []byte) *Error {
			var o QuizOption
			defer func() { i.Options = append(i.Options, o) }()
			return objectFields(raw, o.field)
		})
	case "responses":
		return listOf(key, value, QuizResponsesMax, because("response"), func(_ int, raw []byte) *Error {
			var r QuizResponse
			defer func() { i.Responses = append(i.Responses, r) }()
			return objectFields(raw, r.field)
		})
	case "fixed_order":
		i.FixedOrder, reason = yesOrNo(key, value)
	default:
		return unknownKey(key, []string{"text", "options", "responses", "explanation", "fixed_order"})
	}
	return reason
}

func (o *QuizOption) field(key string, value []byte) (reason *Error) {
	switch key {
	case "text":
		o.Text, reason = jsonString(key, value)
	case "right":
		o.Right, reason = yesOrNo(key, value)
	default:
		return unknownKey(key, []string{"text", "right"})
	}
	return reason
}

func (r *QuizResponse) field(key string, value []byte) (reason *Error) {
	switch key {
	case "text":
		r.Text, reason = jsonString(key, value)
	case "rank":
		return wholeNumber(key, value, &r.Rank)
	default:
		return unknownKey(key, []string{"text", "rank"})
	}
	return reason
}

// listOf reads the items of a list, of which there are at most limit; the reason names the item by its kind and number.
func listOf(key string, raw []byte, limit int, kind *Error, yield func(i int, item []byte) *Error) *Error {
	reason := arrayItems(raw, func(i int, item []byte) *Error {
		if i >= limit {
			return because("has more than %d items in %s", limit, key)
		}
		if reason := yield(i, item); reason != nil {
			return because("%s %d: %s", kind, i+1, reason)
		}
		return nil
	})
	if reason == notAList {
		return because("%s must be a list", key)
	}
	return reason
}

func yesOrNo(key string, raw []byte) (bool, *Error) {
	if string(raw) != "true" && string(raw) != "false" {
		return false, because("has a %s that is neither true nor false", key)
	}
	return string(raw) == "true", nil
}

func wholeNumber(key string, raw []byte, into *int) *Error {
	if json.Unmarshal(raw, into) != nil || string(raw) == "null" {
		return because("has a %s that is no whole number", key)
	}
	return nil
}
