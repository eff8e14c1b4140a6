/** The demo shop's goods for kitchen, table and garden. goods.ts explains the format. */
export const KITCHEN = `
# Coffee
## Espresso
Espresso Machine | 190-1400 | Compact, Thermoblock, Dual-Boiler, Lever | Steel, Black, Cream
Portafilter      | 24-120   | Single-Spout, Double-Spout, Bottomless, Precision | Steel, Black, Walnut
Tamper           | 12-75    | Flat, Convex, Spring-Loaded, Calibrated | Steel, Black, Walnut
Espresso Grinder | 70-720   | Hand, Conical Burr, Flat Burr, Single-Dose | Steel, Black, Cream
Espresso Beans   | 8-26     | Decaf, Italian Roast, House Blend, Single-Origin | 250 g, 500 g, 1 kg
Espresso Cup     | 5-28     | Classic, Double-Wall, Tall, Hand-Thrown | Steel, Black, White
Milk Jug         | 9-48     | Small, Latte Art, Measuring, Thermal | Steel, Black, White
Descaler         | 6-22     | Citric, Express, Bio, Professional | 250 ml, 500 ml, 1 l

## Filter coffee
Dripper          | 6-48     | Travel, Flat-Bottom, Cone, Double-Wall | Steel, Glass, Ceramic
Filter Papers    | 3-9      | Small, Medium, Large, Bamboo | White, Natural, 200 Pack
Filter Beans     | 8-24     | Decaf, Morning Blend, Light Roast, Single-Origin | 250 g, 500 g, 1 kg
Burr Grinder     | 35-290   | Folding, Manual, Electric, Precision | Steel, Black, White
Gooseneck Kettle | 29-180   | Stovetop, Camping, Electric, Variable-Temperature | Steel, Black, White
Coffee Server    | 14-60    | Small, Range, Insulated, Heatproof | Steel, Glass, Ceramic
Coffee Scale     | 15-170   | Pocket, Kitchen, Timer, Flow-Rate | Steel, Black, White
Travel Mug       | 12-42    | Leakproof, Folding, Vacuum, Press | Steel, Black, White

# Kitchen
## Cooking
Chef's Knife     | 22-240   | Stamped, Forged, Santoku, Damascus | Black, Oak, Walnut
Knife Sharpener  | 9-95     | Pull-Through, Rod, Whetstone, Guided | Grey, Oak, Walnut
Chopping Board   | 9-85     | Thin, Juice-Groove, End-Grain, Butcher's | Bamboo, Oak, Walnut
Frying Pan       | 19-150   | Non-Stick, Carbon Steel, Cast Iron, Copper-Core | 20 cm, 24 cm, 28 cm
Saucepan         | 22-190   | Enamelled, Steel, Tri-Ply, Copper-Core | 1 l, 2 l, 3 l
Casserole        | 45-320   | Oven, Stoneware, Cast Iron, Enamelled | Black, Cream, Red
Apron            | 12-68    | Cotton, Linen, Denim, Leather-Strap | Black, Cream, Red
Spice Rack       | 14-80    | Magnetic, Hanging, Rotating, Drawer | Black, Oak, Walnut

## Baking
Mixing Bowl      | 8-54     | Nesting, Spouted, Non-Slip, Stoneware | Steel, Cream, Sage
Kitchen Scale    | 12-75    | Slim, Digital, Mechanical, Precision | Steel, Cream, Sage
Rolling Pin      | 7-48     | Tapered, Handled, Adjustable, Marble | Steel, Beech, Maple
Cookie Cutters   | 4-26     | Star, Animal, Alphabet, Copper | Set of 4, Set of 8, Set of 12
Baking Tray      | 8-46     | Perforated, Non-Stick, Rimmed, Professional | Small, Medium, Large
Cake Tin         | 8-50     | Loose-Base, Springform, Bundt, Tiered | 18 cm, 20 cm, 23 cm
Piping Set       | 8-40     | Starter, Star-Tip, Silicone, Pastry Chef's | 6 Tips, 12 Tips, 24 Tips
Proving Basket   | 9-38     | Oval, Round, Long, Lined | Small, Medium, Large

# Tea & Table
## Tea
Teapot           | 14-130   | Everyday, Infuser, Cast Iron, Hand-Thrown | White, Celadon, Indigo
Tea Strainer     | 4-28     | Basket, Ball, Fine-Mesh, Pouring | Steel, Gold, Bamboo
Loose Tea        | 5-34     | Assam, Earl Grey, Sencha, First-Flush | 50 g, 100 g, 250 g
Tea Caddy        | 8-55     | Tin, Airtight, Lacquered, Cherry Bark | White, Celadon, Indigo
Tea Cup          | 5-40     | Everyday, Handled, Porcelain, Hand-Thrown | White, Celadon, Indigo
Matcha           | 14-70    | Baking, Everyday, Ceremonial, Single-Garden | 30 g, 40 g, 100 g
Matcha Whisk     | 9-38     | 80-Prong, 100-Prong, Long-Handled, Electric | Natural, Black, Gift Box
Tea Tray         | 16-110   | Folding, Slatted, Lacquered, Draining | Bamboo, Oak, Indigo

## Table setting
Dinner Plate     | 6-44     | Coupe, Rimmed, Stoneware, Porcelain | White, Sand, Slate
Soup Bowl        | 5-36     | Coupe, Handled, Stoneware, Porcelain | White, Sand, Slate
Cutlery Set      | 28-260   | Bistro, Hammered, Brushed, Forged | Steel, Gold, Black
Wine Glass       | 5-52     | Stemless, Universal, Burgundy, Mouth-Blown | Set of 2, Set of 4, Set of 6
Water Carafe     | 12-70    | Ribbed, Stoppered, Tall, Mouth-Blown | Clear, Smoke, Amber
Tablecloth       | 22-140   | Cotton, Stonewashed, Jacquard, Pure Linen | White, Sand, Slate
Napkins          | 9-58     | Cotton, Stonewashed, Jacquard, Pure Linen | White, Sand, Slate
Candlestick      | 8-66     | Low, Fluted, Tall, Three-Armed | Glass, Brass, Black

# Garden
## Vegetable garden
Seeds            | 2-7      | Carrot, Tomato, Chilli, Heirloom Bean | Packet, Organic, Tape
Seed Tray        | 4-32     | Half-Size, Modular, Deep-Root, Heated | Black, Green, Lidded
Potting Compost  | 6-28     | Seedling, Peat-Free, Wool, Organic | 10 l, 25 l, 50 l
Raised Bed       | 35-260   | Fabric, Pine, Galvanised, Oak | Small, Medium, Large
Hand Trowel      | 7-45     | Planting, Transplanting, Steel, Copper | Ash, Green, Black
Garden Gloves    | 5-38     | Cotton, Grip, Gauntlet, Leather | Small, Medium, Large
Secateurs        | 12-85    | Anvil, Bypass, Ratchet, Forged | Red, Green, Black
Watering Can     | 10-75    | Indoor, Classic, Long-Reach, Copper | Grey, Green, Black

## Houseplants
Plant            | 6-90     | Spider, Pothos, Peace Lily, Monstera | Small, Medium, Large
Plant Pot        | 5-70     | Nursery, Terracotta, Glazed, Hand-Thrown | White, Blush, Charcoal
Plant Saucer     | 2-24     | Plastic, Terracotta, Glazed, Hand-Thrown | White, Blush, Charcoal
Houseplant Soil  | 5-22     | Cactus, All-Purpose, Orchid, Aroid | 3 l, 5 l, 10 l
Plant Food       | 5-24     | Drip, Liquid, Slow-Release, Seaweed | 100 ml, 250 ml, 500 ml
Plant Mister     | 6-34     | Trigger, Fine-Mist, Glass, Brass | White, Blush, Charcoal
Plant Stand      | 16-120   | Folding, Bamboo, Mid-Century, Tiered | White, Walnut, Charcoal
Grow Light       | 15-140   | Clip-On, Bulb, Bar, Full-Spectrum | White, Brass, Charcoal
`;
