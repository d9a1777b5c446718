package handlers

import (
	"slices"
	"testing"

	"rankloop/ranking"
)

// The order of options and responses is a person's own, the same at every look, another one at the next attempt; an item
// that says so keeps the order in which it is listed.
func TestQuizOrders(t *testing.T) {
	options := make([]ranking.QuizOption, 8)
	responses := make([]ranking.QuizResponse, 6)
	quiz := ranking.Quiz{Items: []ranking.QuizItem{{Options: options}, {Responses: responses}, {Options: options, FixedOrder: true}}}
	of := func(user int64, attempt int) [][]int {
		orders := quizOrders(quiz, 7, user, attempt)
		for i, n := range []int{8, 6, 8} {
			if places := slices.Sorted(slices.Values(orders[i])); len(places) != n || places[0] != 0 || places[n-1] != n-1 || len(slices.Compact(places)) != n {
				t.Fatalf("item %d is shown as %v", i, orders[i])
			}
		}
		if !slices.IsSorted(orders[2]) {
			t.Fatalf("a fixed order is shown as %v", orders[2])
		}
		return orders
	}
	same, first := 0, of(1, 1)
	for user := int64(2); user < 200; user++ {
		if slices.Equal(of(user, 1)[0], first[0]) {
			same++
		}
	}
	if same > 3 { // 1 in 40,320 for each
		t.Errorf("%d of 198 people see the order of the first", same)
	}
	if again := of(1, 1); !slices.Equal(again[0], first[0]) || !slices.Equal(again[1], first[1]) {
		t.Error("another look has another order")
	}
	if next := of(1, 2); slices.Equal(next[0], first[0]) && slices.Equal(next[1], first[1]) {
		t.Error("the next attempt has the same orders")
	}
	moved := 0
	for user := range int64(200) {
		if of(user, 1)[0][0] != 0 {
			moved++
		}
	}
	if moved < 150 { // 7 of 8
		t.Errorf("the first option stands first for all but %d of 200 people", moved)
	}
}
