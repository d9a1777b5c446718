package judge

// placesTable: one thing a line, in the form that parseThings reads.
const placesTable = `
school: a place where children learn; has many rooms; is full of children; used to learn new things
  adj big; has many books; is fun for children; used to learn; found in the city; used to learn to read
library: a place where people read books; has many books; is very quiet; used to read and borrow books
  adj quiet big; is quiet; is quiet inside; used to read books; used to borrow books; found in the city; used to read; has many seats
park: a green place where people walk; has grass and trees; is good for a picnic; used to walk and play
  adj big quiet; is full of people; has many trees; is fun for children; used to walk; used to play; found in the city; used to walk in the grass; used to rest
market: a place where people buy food; sells fresh fruit; is full of people; used to buy fresh food
  adj big loud; opens early; sells food; sells fresh food; has fresh fruit; used to buy food; used to buy fresh fruit; used to buy fruit; found in the city
farm: a place where food grows; has many animals; has big fields; used to grow food
  adj big; smells of fresh grass; used to keep animals; used to see animals
beach: a place with sand near the sea; has a lot of sand; is warm in summer; used to swim in the sea
  adj warm; is good for a picnic; is fun for children; is full of people; used to swim; used to walk and play; found near the sea; has sand
hospital: a place where doctors help sick people; has many beds; is open day and night; used to help sick people
  adj big; has many rooms; is full of people; is very big; found in the city; used to help people; is open at night
station: a place where trains stop; has a big clock; is full of people; used to take a train
  adj big loud; has many trains; used to travel; found in the city; is very big; is open day and night; used to travel between cities
bakery: a shop where people buy bread; smells of fresh bread; opens early; used to buy bread and cakes
  is warm; sells bread; sells cakes; smells of bread; sells bread and cakes; used to buy bread; used to buy cakes; found in the city; used to buy fresh bread
museum: a place where people look at old things; shows old pictures; is quiet inside; used to look at old things
  adj quiet big; has many rooms; has old things; is very quiet; is quiet; used to see old pictures; used to learn new things; found in the city; has many old things; has old pictures
zoo: a place where people look at animals; has many animals; is fun for children; used to see wild animals
  adj big; has wild animals; is full of people; used to see animals; used to look at animals; found in the city; is fun
cafe: a place where people drink coffee; has small tables; sells cakes and drinks; used to drink coffee with friends
  adj small; smells of coffee; smells of fresh coffee; is full of people; used to drink coffee; used to eat cake; found in the city; used to meet friends; used to meet a friend; has tables
airport: a place where planes land; is very big; is full of people; used to take a plane
  adj big loud; is big; is open day and night; has many planes; used to travel; used to travel far away; used to fly far away; found near the city; has many seats
theatre: a place where people watch a play; has a big stage; has many seats; used to watch a play
  adj big; is full of people; shows plays; used to see a play; found in the city; used to watch plays; has seats
`

// peopleTable: one thing a line, in the form that parseThings reads.
const peopleTable = `
teacher: a person who helps children learn; teaches children; works in a school; found in a school
  adj kind good; helps children; helps children learn; works with children; works at school; works with books
doctor: a person who helps sick people; helps sick people; works in a hospital; found in a hospital
  adj good; works with sick people; cares for sick people; takes care of sick people
nurse: a person who cares for sick people; cares for sick people; works in a hospital; found in a hospital
  adj kind good; works with sick people; takes care of sick people
farmer: a person who grows food; grows food; works on a farm; found on a farm
  works in the fields; works outside; takes care of animals; found in the fields; found in a field
baker: a person who makes bread; bakes bread; works in a bakery; found in a bakery
  adj good; makes bread; bakes cakes; makes bread and cakes; gets up early; found in the kitchen
cook: a person who makes meals; makes meals; works in a kitchen; found in a kitchen
  adj good; cooks meals; makes food; makes soup; cooks food; works with food; found in the kitchen
driver: a person who drives a bus or a car; drives a bus; works on the road; found on the road
  adj good; drives a car; drives a truck; works in the city; works in a bus; found in the city; found in a bus; found in a car
pilot: a person who flies a plane; flies a plane; works in the sky; found in the sky
  adj good; works in a plane; works at the airport; works at an airport; found in a plane; found at the airport; found at an airport
painter: a person who paints pictures; paints pictures; works with colours; found in a bright room
  adj good; works in a bright room; uses colours; paints walls
singer: a person who sings songs; sings songs; works on a stage; found on a stage
  adj good; sings; works with music; sings on a stage; found in the theatre; found at the theatre
builder: a person who builds houses; builds houses; works outside; found on a building site
  adj strong; works with tools; works on a building site; makes houses; builds a house; found outside
gardener: a person who takes care of plants; takes care of plants; works in a garden; found in a garden
  works outside; works in the garden; plants flowers; works with plants; waters plants; found in the garden; found in the park; cuts the grass; found outside
dentist: a person who takes care of teeth; takes care of teeth; works with small tools; found in a clean room
  adj good; cares for teeth; works in a clean room; works with teeth; helps people; looks at teeth
tailor: a person who makes clothes; makes clothes; works with a needle; found in a small shop
  adj good; works in a small shop; works with clothes; sews clothes; works in a shop; found in a shop
sailor: a person who works on a ship; sails a ship; works on the sea; found on a ship
  works on a boat; works on the water; found on the sea; found on a boat; travels on the sea
firefighter: a person who stops fires; stops fires; saves people; found at a fire station
  adj strong brave; works with water; helps people; works at a fire station; wears thick clothes
`

// natureTable: one thing a line, in the form that parseThings reads.
const natureTable = `
sun (the): a very hot star; gives light; keeps us warm; colour: yellow; found in the sky
  adj hot yellow bright; shines; gives warm light; helps plants grow; is very hot; is a star; gives us light; is hot; shines in the day
moon (the): a big ball of rock in the sky; shines at night; moves around the earth; found in the sky
  adj big round; gives light; is round; gives light at night; found in the night sky; shines in the sky
rain (the, no article): water that falls from the clouds; helps plants grow; makes the streets wet
  is water; comes from clouds; brings water; is good for plants; falls from the clouds; found in the clouds; falls from the sky; comes from the sky
snow (the, no article): soft white ice from the sky; falls in winter; is very cold; colour: white
  adj white cold soft; is white; falls from the sky; comes from the clouds; is cold; is soft; found in the mountains; is made of ice
wind (the, no article): air that moves; moves the clouds; helps a kite fly
  brings rain; brings clouds; moves a boat; is air; moves the leaves
cloud: a lot of tiny drops of water in the sky; brings rain; moves with the wind; colour: white or grey; found in the sky
  gives rain; brings snow; moves in the sky; is white; is grey; is made of water; is full of water
rainbow: a bow of many colours in the sky; has many colours; comes after the rain; found in the sky
  adj pretty beautiful; comes with rain and sun; has seven colours; is pretty; comes after rain
river: a long stream of water; flows to the sea; is full of fish
  adj long; has fish; is good for a boat; holds fish and plants; has clear water; is long; flows to a lake; is full of water
lake: a large body of water with land around it; is good for a boat; holds fish and plants
  adj large big; is full of fish; is full of water; is good to swim; has fish; has clear water
mountain: a very high piece of land; is made of rock; has snow on the top
  adj high big; is very high; is high; has rocks; is good to climb; is big
island: a piece of land with water around it; is reached by boat; lies in the sea or in a lake
  has a beach; has beaches; lies in the sea; lies in a lake
desert: a dry land with little rain; has few plants; gets very little rain
  adj dry hot; is very dry; is dry; is hot; is very hot; has a lot of sand; is full of sand; has little rain
grass (no article): a short green plant; grows in the fields; is food for cows; colour: green; found in the park
  adj green short soft; is green; is good for cows; grows in the garden; grows in the park; found in the garden; found in a field; found in the fields; is soft; is short
`
