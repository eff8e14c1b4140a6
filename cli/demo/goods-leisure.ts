/** The demo shop's goods to read, hear, paint and make. goods.ts explains the format. */
export const LEISURE = `
# Books
## Crime fiction
Nordic Noir       | 6-24    | The Frozen Fjord:, Ash and Birch:, The Ferryman:, Midwinter Light: | Paperback, Hardback, Audiobook
Village Mystery   | 6-22    | Murder at the Fête:, The Vicar's Alibi:, A Poisoned Pie:, The Bell-Ringer: | Paperback, Hardback, Audiobook
Detective Classic | 5-26    | The Brass Key:, The Last Sleeper Car:, Footsteps at Ten:, The Ivory Clue: | Paperback, Hardback, Audiobook
Private Eye       | 6-24    | Rain on Sixth:, The Long Favour:, Neon Alibi:, A Dime for Trouble: | Paperback, Hardback, Audiobook
Spy Novel         | 6-26    | The Lisbon Drop:, A Quiet Border:, Cipher Station:, The Winter Asset: | Paperback, Hardback, Audiobook
Legal Thriller    | 6-25    | Reasonable Doubt:, The Eleventh Juror:, Sealed Record:, Burden of Proof: | Paperback, Hardback, Audiobook
Heist Novel       | 6-24    | The Glass Vault:, Nine Minutes:, The Forger's Crew:, All That Glitters: | Paperback, Hardback, Audiobook
True Crime        | 7-28    | The Missing Ledger:, Cold Harbour:, The Art Thief:, Poison Row: | Paperback, Hardback, Audiobook

## Cookery books
Bread Book        | 12-38   | Slow Rise:, Crust:, The Sourdough Year:, Flour and Salt: | Paperback, Hardback, Signed
Pastry Book       | 12-42   | Butter Layers:, The Tart Shop:, Sugar Work:, Sunday Cakes: | Paperback, Hardback, Signed
Vegetable Book    | 11-36   | Leaf and Root:, The Green Table:, Market Day:, Bean by Bean: | Paperback, Hardback, Signed
Pasta Book        | 11-34   | Semolina:, Hand-Rolled:, The Sauce Book:, Nonna's Kitchen: | Paperback, Hardback, Signed
Curry Book        | 11-34   | Ten Spices:, Coconut Coast:, The Tandoor:, Monsoon Suppers: | Paperback, Hardback, Signed
Grill Book        | 12-38   | Over Embers:, Smoke Signals:, The Fire Pit:, Low and Slow: | Paperback, Hardback, Signed
Ferment Book      | 12-36   | Brine:, Living Jars:, Koji Notes:, The Kimchi Cellar: | Paperback, Hardback, Signed
Preserves Book    | 10-32   | Jam Season:, The Larder Shelf:, Orchard in a Jar:, Pickle Everything: | Paperback, Hardback, Signed

# Music
## Guitar
Acoustic Guitar   | 90-1200 | Travel, Parlour, Concert, Dreadnought | Spruce, Mahogany, Sunburst
Guitar Strings    | 5-28    | Nylon, Bronze, Coated, Silk-and-Steel | Light, Medium, Heavy
Guitar Picks      | 2-18    | Nylon, Celluloid, Felt, Horn | Light, Medium, Heavy
Guitar Capo       | 6-42    | Elastic, Trigger, Screw, Rolling | Silver, Black, Gold
Guitar Tuner      | 9-95    | Clip-On, Chromatic, Soundhole, Pedal | Silver, Black, Red
Guitar Strap      | 8-65    | Nylon, Woven, Padded, Leather | Tan, Black, Red
Gig Bag           | 19-150  | Padded, Backpack, Hybrid, Hard-Shell | Tan, Black, Grey
Songbook          | 9-34    | Beginner, Folk, Blues, Bossa Nova | Tab, Notation, With Audio

## Vinyl
Turntable         | 95-980  | Suitcase, Belt-Drive, Automatic, Direct-Drive | Black, White, Walnut
Phono Cartridge   | 25-340  | Ceramic, Moving-Magnet, Elliptical, Moving-Coil | Black, Red, Silver
Slipmat           | 6-38    | Rubber, Felt, Cork, Leather | Black, Grey, Tan
Record Brush      | 7-45    | Velvet, Carbon, Anti-Static, Wet-Clean | Black, White, Walnut
Record Sleeves    | 6-32    | Paper, Poly, Gatefold, Archival | 25 Pack, 50 Pack, 100 Pack
Record Crate      | 18-120  | Folding, Stacking, Rolling, Solid | Black, White, Walnut
Shelf Speakers    | 80-760  | Compact, Active, Two-Way, Studio | Black, White, Walnut
Headphones        | 35-480  | On-Ear, Closed, Wireless, Open-Back | Black, White, Silver

# Art
## Watercolour
Watercolour Set   | 9-140   | Student, Travel, Half-Pan, Artist | 12 Colours, 24 Colours, 36 Colours
Watercolour Brush | 4-70    | Synthetic, Water, Squirrel, Kolinsky | Round, Flat, Mop
Watercolour Paper | 7-75    | Cold-Pressed, Hot-Pressed, Rough, Cotton Rag | Pad, Block, Roll
Masking Fluid     | 5-22    | Tinted, Clear, Pen, Fine-Tip | 30 ml, 60 ml, 120 ml
Mixing Palette    | 4-48    | Folding, Well, Travel, Porcelain | Small, Medium, Large
Brush Roll        | 9-45    | Canvas, Bamboo, Waxed, Leather | Small, Medium, Large
Table Easel       | 19-150  | Folding, A-Frame, Box, Beech | Natural, Walnut, White
Brush Soap        | 4-24    | Bar, Liquid, Solvent-Free, Restoring | Small, Medium, Large

## Drawing
Drawing Pencils   | 5-60    | School, Graphite, Woodless, Artist | Set of 6, Set of 12, Set of 24
Sketchbook        | 6-48    | Stapled, Spiral, Toned, Hardbound | A6, A5, A4
Eraser            | 1-14    | Vinyl, Kneaded, Pencil, Electric | White, Grey, Black
Pencil Sharpener  | 2-45    | Pocket, Long-Point, Brass, Crank | Silver, Grey, Black
Charcoal          | 4-32    | Vine, Compressed, Pencil, Tinted | Soft, Medium, Hard
Fineliner         | 3-36    | Sketching, Archival, Brush-Tip, Technical | 0.1 mm, 0.3 mm, 0.5 mm
Blending Stumps   | 2-16    | Paper, Felt, Chamois, Silicone | Small, Medium, Large
Drawing Board     | 12-95   | Clip, Folding, Adjustable, Light | A4, A3, A2

# Crafts
## Knitting
Yarn              | 4-32    | Cotton, Lambswool, Merino, Alpaca | Oatmeal, Moss, Mustard
Knitting Needles  | 5-48    | Bamboo, Aluminium, Birch, Rosewood | 3 mm, 4 mm, 5 mm
Circular Needles  | 6-56    | Bamboo, Fixed, Interchangeable, Rosewood | 3 mm, 4 mm, 5 mm
Knitting Pattern  | 4-18    | Hat, Scarf, Cardigan, Fair Isle | Printed, Booklet, Kit
Stitch Markers    | 3-20    | Locking, Ring, Numbered, Brass | Oatmeal, Moss, Mustard
Project Bag       | 10-70   | Drawstring, Zip, Pocketed, Canvas | Oatmeal, Moss, Mustard
Yarn Bowl         | 14-68   | Bamboo, Walnut, Stoneware, Hand-Thrown | Oatmeal, Moss, Mustard
Crochet Hook      | 3-34    | Aluminium, Soft-Grip, Bamboo, Rosewood | 3 mm, 4 mm, 5 mm

## Sewing
Sewing Machine    | 90-920  | Mini, Mechanical, Computerised, Overlocking | White, Mint, Black
Machine Needles   | 3-22    | Universal, Denim, Stretch, Leather | 5 Pack, 10 Pack, 20 Pack
Sewing Thread     | 2-28    | Polyester, Cotton, Top-Stitch, Silk | White, Navy, Black
Fabric            | 6-45    | Cotton, Linen, Denim, Wool | White, Navy, Floral
Dress Pattern     | 6-24    | Skirt, Shirt, Wrap-Dress, Coat | Paper, Booklet, Kit
Fabric Scissors   | 9-85    | Snips, Dressmaker's, Pinking, Forged | White, Mint, Black
Sewing Pins       | 3-18    | Glass-Head, Extra-Fine, Quilting, Magnetic | 50 Pack, 100 Pack, 200 Pack
Buttons           | 2-26    | Resin, Wooden, Corozo, Mother-of-Pearl | White, Navy, Black
`;
