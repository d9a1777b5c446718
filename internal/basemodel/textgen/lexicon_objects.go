package textgen

var tools = table("tool",
	thing{name: "hammer", groups: []string{"tool"}, adj: "heavy", traits: []string{"have a strong handle", "be made of metal and wood"}, place: "in a tool box", use: "hit nails"},
	thing{name: "saw", groups: []string{"tool"}, adj: "sharp", traits: []string{"have many teeth", "be made of metal"}, place: "in a tool box", use: "cut wood"},
	thing{name: "spade", groups: []string{"tool"}, adj: "strong", traits: []string{"have a long handle", "be made of metal and wood"}, place: "in the garden", use: "dig a hole"},
	thing{name: "rake", groups: []string{"tool"}, adj: "light", traits: []string{"have a long handle", "have many teeth"}, place: "in the garden", use: "collect dry leaves"},
	thing{name: "ladder", groups: []string{"tool"}, adj: "tall", traits: []string{"have many steps", "be made of metal or wood"}, place: "in a shed", use: "reach high places"},
	thing{name: "needle", groups: []string{"tool"}, adj: "tiny", traits: []string{"have a sharp point", "be made of metal"}, place: "in a small box", use: "sew clothes"},
	thing{name: "rope", groups: []string{"tool"}, adj: "long", traits: []string{"be very strong", "hold heavy things"}, place: "on a boat", use: "tie things"},
)

var kitchenThings = table("kitchen thing",
	thing{name: "spoon", groups: []string{"thing for the kitchen"}, adj: "small", traits: []string{"have a round end", "be made of metal or wood"}, place: "in the kitchen", use: "eat soup"},
	thing{name: "fork", groups: []string{"thing for the kitchen"}, adj: "small", traits: []string{"have sharp points", "be made of metal"}, place: "in the kitchen", use: "eat salad"},
	thing{name: "knife", plural: "knives", groups: []string{"thing for the kitchen"}, adj: "sharp", traits: []string{"have a handle", "be made of metal"}, place: "in the kitchen", use: "cut bread"},
	thing{name: "cup", groups: []string{"thing for the kitchen"}, adj: "small", traits: []string{"have a handle", "hold a hot drink"}, place: "in the kitchen", use: "drink tea"},
	thing{name: "plate", groups: []string{"thing for the kitchen"}, adj: "flat", traits: []string{"be round", "hold food"}, place: "on the table", use: "serve food"},
	thing{name: "pot", groups: []string{"thing for the kitchen"}, adj: "deep", traits: []string{"have a lid", "be made of metal"}, place: "in the kitchen", use: "cook soup"},
	thing{name: "pan", groups: []string{"thing for the kitchen"}, adj: "flat", traits: []string{"have a long handle", "be made of metal"}, place: "in the kitchen", use: "fry eggs"},
	thing{name: "oven", groups: []string{"thing for the kitchen"}, adj: "hot", traits: []string{"have a door", "be very hot inside"}, place: "in the kitchen", use: "bake bread"},
	thing{name: "kettle", groups: []string{"thing for the kitchen"}, adj: "useful", traits: []string{"have a lid", "make water hot"}, place: "in the kitchen", use: "boil water"},
)

var furniture = table("furniture",
	thing{name: "table", groups: []string{"piece of furniture"}, adj: "flat", traits: []string{"have four legs", "be made of wood"}, place: "in the kitchen", use: "eat dinner"},
	thing{name: "chair", groups: []string{"piece of furniture"}, adj: "common", traits: []string{"have four legs", "have a back"}, place: "near the table", use: "sit down"},
	thing{name: "bed", groups: []string{"piece of furniture"}, adj: "soft", traits: []string{"have a pillow", "be long and flat"}, place: "in the bedroom", use: "sleep"},
	thing{name: "sofa", groups: []string{"piece of furniture"}, adj: "soft", traits: []string{"be wide", "have room for three people"}, place: "in the living room", use: "rest"},
	thing{name: "desk", groups: []string{"piece of furniture"}, adj: "flat", traits: []string{"be made of wood", "hold books and pens"}, place: "in the office", use: "write and work"},
	thing{name: "shelf", plural: "shelves", groups: []string{"piece of furniture"}, adj: "long", traits: []string{"hold many books", "be made of wood"}, place: "on the wall", use: "keep books"},
	thing{name: "wardrobe", groups: []string{"piece of furniture"}, adj: "tall", traits: []string{"have two doors", "hold many clothes"}, place: "in the bedroom", use: "keep clothes"},
)

var clothes = table("clothing",
	thing{name: "hat", groups: []string{"piece of clothing"}, adj: "light", traits: []string{"sit on your head", "keep the sun away"}, place: "in the wardrobe", use: "cover your head"},
	thing{name: "coat", groups: []string{"piece of clothing"}, adj: "warm", traits: []string{"have long sleeves", "have two pockets"}, place: "in the wardrobe", use: "keep warm in winter"},
	thing{name: "scarf", plural: "scarves", groups: []string{"piece of clothing"}, adj: "long", traits: []string{"go around your neck", "be made of wool"}, place: "in the wardrobe", use: "keep your neck warm"},
	thing{name: "glove", groups: []string{"piece of clothing"}, adj: "small", traits: []string{"have five fingers", "fit your hand"}, place: "in a pocket", use: "keep your hand warm"},
	thing{name: "shoe", groups: []string{"piece of clothing"}, adj: "strong", traits: []string{"fit your foot", "be made of leather"}, place: "near the door", use: "protect your foot"},
	thing{name: "boot", groups: []string{"piece of clothing"}, adj: "strong", traits: []string{"cover your foot", "keep out the rain"}, place: "near the door", use: "walk in the snow"},
	thing{name: "sock", groups: []string{"piece of clothing"}, adj: "soft", traits: []string{"go inside a shoe", "be made of wool"}, place: "in a drawer", use: "keep your foot warm"},
	thing{name: "shirt", groups: []string{"piece of clothing"}, adj: "light", traits: []string{"have two sleeves", "have many buttons"}, place: "in the wardrobe", use: "cover your body"},
	thing{name: "sweater", groups: []string{"piece of clothing"}, adj: "warm", traits: []string{"be made of wool", "go over your shirt"}, place: "in a drawer", use: "keep warm in winter"},
)

var schoolThings = table("school thing",
	thing{name: "pen", groups: []string{"thing for school"}, adj: "small", traits: []string{"be full of ink", "fit in a pocket"}, place: "on the desk", use: "write a letter"},
	thing{name: "pencil", groups: []string{"thing for school"}, adj: "thin", traits: []string{"be made of wood", "have a sharp point"}, place: "on the desk", use: "draw a picture"},
	thing{name: "book", groups: []string{"thing for school"}, adj: "useful", traits: []string{"have many pages", "be made of paper"}, place: "in the library", use: "read a story"},
	thing{name: "ruler", groups: []string{"thing for school"}, adj: "flat", traits: []string{"have many numbers", "be long and thin"}, place: "on the desk", use: "draw a straight line"},
	thing{name: "bag", groups: []string{"thing for school"}, adj: "strong", traits: []string{"hold many books", "have a handle"}, place: "near the desk", use: "carry books"},
	thing{name: "notebook", groups: []string{"thing for school"}, adj: "thin", traits: []string{"be made of paper", "have empty pages"}, place: "on the desk", use: "write down words"},
	thing{name: "map", groups: []string{"thing for school"}, adj: "flat", traits: []string{"show roads and towns", "be made of paper"}, place: "on the wall", use: "find the way"},
)

var instruments = table("instrument",
	thing{name: "drum", groups: []string{"instrument"}, adj: "loud", traits: []string{"be round", "make a deep sound"}, place: "in the music room", use: "play music"},
	thing{name: "piano", groups: []string{"instrument"}, adj: "heavy", traits: []string{"have black and white keys", "be made of wood"}, place: "in the music room", use: "play music"},
	thing{name: "guitar", groups: []string{"instrument"}, adj: "light", traits: []string{"have six strings", "be made of wood"}, place: "in the music room", use: "play music"},
	thing{name: "violin", groups: []string{"instrument"}, adj: "small", traits: []string{"have four strings", "be made of wood"}, place: "in the music room", use: "play music"},
	thing{name: "flute", groups: []string{"instrument"}, adj: "long", traits: []string{"have many holes", "make a high sound"}, place: "in the music room", use: "play music"},
	thing{name: "trumpet", groups: []string{"instrument"}, adj: "loud", colour: "yellow", traits: []string{"be made of metal", "make a bright sound"}, place: "in the music room", use: "play music"},
)
