package views

import (
	"context"
	"encoding/json"

	"rankloop/internal/i18n"
)

// taskTarget is where an answer goes: as a form without scripts, and as JSON.
type taskTarget struct{ Form, API string }

// taskMessages are the strings that the script of every kind of task but the board shows, by the names it uses.
var taskMessages = map[string]string{
	"asked": "question.sent", "offline_ask": "question.offline", "sending": "ranking.sending", "saving": "ranking.saving",
	"draft_saved": "ranking.draft_saved", "draft_local": "ranking.draft_local", "draft_restored": "ranking.draft_restored",
	"offline": "work.offline", "signed_out": "ranking.signed_out", "sign_in": "sign_in.again", "expiring": "ranking.expiring", "expired": "work.expired", "taken": "ranking.taken",
	"words_one": "writer.words_one", "words_other": "writer.words_other", "characters_one": "writer.characters_one", "characters_other": "writer.characters_other",
}

// scriptMessages encodes strings for a task's script.
func scriptMessages(ctx context.Context, own map[string]string) string {
	messages := map[string]string{}
	for _, names := range []map[string]string{taskMessages, own} {
		for name, key := range names {
			messages[name] = i18n.T(ctx, key)
		}
	}
	encoded, err := json.Marshal(messages)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(encoded)
}
