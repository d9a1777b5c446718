package textgen

var toys = table("toy",
	thing{name: "ball", groups: []string{"toy"}, adj: "round", traits: []string{"roll on the ground", "jump up and down"}, place: "in the garden", use: "play games"},
	thing{name: "doll", groups: []string{"toy"}, adj: "small", traits: []string{"look like a child", "wear pretty clothes"}, place: "in the bedroom", use: "play at home"},
	thing{name: "kite", groups: []string{"toy"}, adj: "light", traits: []string{"fly in the wind", "have a long string"}, place: "in the sky", use: "play in the wind"},
	thing{name: "puzzle", groups: []string{"toy"}, adj: "clever", traits: []string{"have many small parts", "make a picture"}, place: "on the table", use: "play at home"},
	thing{name: "swing", groups: []string{"toy"}, adj: "big", traits: []string{"move up and down", "hang on two ropes"}, place: "in the park", use: "play outside"},
)

var houseThings = table("house thing",
	thing{name: "umbrella", groups: []string{"thing for the house"}, adj: "light", what: "a light roof that you carry", traits: []string{"have a handle", "open in the rain"}, place: "near the door", use: "stay dry in the rain"},
	thing{name: "clock", groups: []string{"thing for the house"}, adj: "useful", traits: []string{"have two hands", "show the time"}, place: "on the wall", use: "tell the time"},
	thing{name: "key", groups: []string{"thing for the house"}, adj: "tiny", traits: []string{"be made of metal", "fit in a lock"}, place: "in a pocket", use: "open a door"},
	thing{name: "phone", groups: []string{"thing for the house"}, adj: "useful", traits: []string{"fit in a pocket", "have a bright screen"}, place: "on the desk", use: "call a friend"},
	thing{name: "candle", groups: []string{"thing for the house"}, adj: "small", traits: []string{"give warm light", "be made of wax"}, place: "on the table", use: "make light"},
	thing{name: "lamp", groups: []string{"thing for the house"}, adj: "bright", traits: []string{"give light", "stand on the desk"}, place: "on the desk", use: "read at night"},
	thing{name: "mirror", groups: []string{"thing for the house"}, adj: "flat", traits: []string{"be made of glass", "show your face"}, place: "on the wall", use: "look at your face"},
	thing{name: "soap", mass: true, groups: []string{"thing for the house"}, what: "a thing that makes you clean", traits: []string{"smell good", "work with water"}, place: "in the bathroom", use: "wash your hands"},
	thing{name: "towel", groups: []string{"thing for the house"}, adj: "soft", traits: []string{"hang near the bath", "be big and dry"}, place: "in the bathroom", use: "dry your hands"},
	thing{name: "broom", groups: []string{"thing for the house"}, adj: "light", traits: []string{"have a long handle", "stand in the corner"}, place: "in the corner", use: "clean the floor"},
	thing{name: "blanket", groups: []string{"thing for the house"}, adj: "warm", traits: []string{"be big and soft", "cover a bed"}, place: "on the bed", use: "keep warm at night"},
	thing{name: "pillow", groups: []string{"thing for the house"}, adj: "soft", traits: []string{"hold your head", "be part of a bed"}, place: "on the bed", use: "rest your head"},
	thing{name: "basket", groups: []string{"thing for the house"}, adj: "light", traits: []string{"have a handle", "hold fruit and bread"}, place: "in the kitchen", use: "carry food"},
)

var vehicles = table("vehicle",
	thing{name: "car", groups: []string{"vehicle"}, adj: "fast", traits: []string{"have four wheels", "drive on the road"}, place: "on the road", use: "travel by road", size: 5, speed: 9},
	thing{name: "bus", groups: []string{"vehicle"}, adj: "big", traits: []string{"carry many people", "drive on the road"}, place: "on the road", use: "go to school or work", size: 7, speed: 8},
	thing{name: "train", groups: []string{"vehicle"}, adj: "long", traits: []string{"run on rails", "carry many people"}, place: "at the station", use: "travel between cities", size: 11, speed: 11},
	thing{name: "tram", groups: []string{"vehicle"}, adj: "quiet", traits: []string{"run on rails", "carry many people"}, place: "in the city", use: "travel in the city", size: 8, speed: 7},
	thing{name: "bike", groups: []string{"vehicle"}, adj: "light", traits: []string{"have two wheels", "have no engine"}, place: "on the road", use: "ride to school", size: 2, speed: 5},
	thing{name: "boat", groups: []string{"vehicle"}, adj: "small", traits: []string{"move on the water", "carry a few people"}, place: "on a lake", use: "cross the water"},
	thing{name: "ship", groups: []string{"vehicle"}, adj: "huge", traits: []string{"move on the sea", "carry many people"}, place: "on the sea", use: "cross the sea", size: 13},
	thing{name: "plane", groups: []string{"vehicle"}, adj: "fast", traits: []string{"have two wings", "fly in the sky"}, place: "at the airport", use: "travel far away", size: 10, speed: 13},
	thing{name: "truck", groups: []string{"vehicle"}, adj: "strong", traits: []string{"carry heavy things", "drive on the road"}, place: "on the road", use: "move heavy things", size: 7, speed: 8},
	thing{name: "tractor", groups: []string{"vehicle"}, adj: "strong", traits: []string{"work on a farm", "have big wheels"}, place: "on a farm", use: "work in the fields", speed: 5},
)
