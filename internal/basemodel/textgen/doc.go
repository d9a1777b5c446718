// Package textgen writes the text that the shipped base model learns from.
//
// The model has a few million parameters and minutes of training on two CPU
// cores, so its language is small: one table of everyday things with true
// attributes (lexicon_*.go), a closed vocabulary, simple grammar, and about
// forty kinds of short request (kinds_*.go). Three streams come out of the
// same tables:
//
//   - passages: plain declarative text that teaches the facts (pretraining);
//   - examples: a request and a reply, good or spoiled by named defects
//     (supervised tuning);
//   - prompts: requests alone, for sampling.
//
// Mediocre replies are there on purpose: people rank samples of the tuned
// model, and a model that only ever saw perfect replies leaves nothing to rank.
// Defects lengthen replies as often as they shorten them, so that length says
// little about quality.
//
// Everything is a function of the seed: the same seed gives the same stream on
// every machine. No map is ever iterated.
package textgen
