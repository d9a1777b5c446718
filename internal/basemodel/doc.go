// Package basemodel is the decoder that ships with the program: an instruction-following GPT-2 of some 2.7 million
// parameters, its weights embedded in 16 bits, and the recipe that makes it again.
//
// All of its text comes from textgen, a seeded generator of short requests and replies about everyday things. Some replies
// are mediocre on purpose, since people must have something to rank.
package basemodel
