package ranking

import (
	"bytes"
	"encoding/json"
)

// isNativeRecord tells a line of the native export: a judgment with its tiers.
func isNativeRecord(line []byte) bool {
	if !bytes.Contains(line, []byte(`"judgment_id"`)) {
		return false
	}
	var judgment, tiers bool
	_ = objectFields(line, func(key string, _ []byte) *Error {
		judgment = judgment || key == "judgment_id"
		tiers = tiers || key == "tiers"
		return nil
	})
	return judgment && tiers
}

// nativeLine takes the prompt and the responses out of a line of the native export, each response at its place in the
// prompt set the record came from. The judgment itself stays behind: an import brings work, not answers.
func (s *promptSet) nativeLine(number int, line []byte) PromptInputLine {
	bad := func(reason *Error) PromptInputLine { return PromptInputLine{Line: number, Bad: reason} }
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	var record Record
	if err := decoder.Decode(&record); err != nil {
		return bad(because("is not a record of the native export: %s", err))
	}
	if err := record.Validate(); err != nil {
		return bad(because("is not a record of the native export: %s", err))
	}
	raw := rawPrompt{
		id:          record.PromptID,
		group:       record.Group,
		messages:    record.Messages,
		hasMessages: true,
		metadata:    record.Metadata,
	}
	if reason := checkMetadata(raw.metadata, 1); reason != nil {
		return bad(reason)
	}
	for _, r := range record.Responses {
		raw.responses = append(raw.responses, rawResponse{text: r.Text, model: r.Model, fileIndex: r.FileIndex})
	}
	return s.finish(number, raw)
}
