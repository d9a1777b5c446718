// Package ranking is the domain: prompts, responses, tasks, rankings with ties, the comparisons they imply, file
// formats and statistics over them. It is pure: it imports nothing of ours, no database, no HTTP and no network code.
//
// The words follow one vocabulary everywhere (code, tables, screens):
//
//	campaign    one collection effort with its guidelines, K and overlap
//	prompt      a conversation that ends in a user turn; its group is the unit of train/validation splits
//	response    one candidate continuation, with the model that wrote it
//	task        a prompt with the at most K responses that are shown together
//	lease       one annotator's exclusive, expiring right to judge a task
//	ranking     one annotator's weak order of a task's responses: tiers, best first; one tier = tied
//	comparison  one ordered or tied pair implied by a ranking
//	judgment    any submitted answer, kept whole; an edit is a new revision
//	snapshot    an immutable, content-hashed selection of judgments with a split by group
package ranking
