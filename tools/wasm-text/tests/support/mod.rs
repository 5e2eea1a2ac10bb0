//! Random WebAssembly modules. They parse, but nothing validates them.

use proptest::prelude::*;

/// A module with functions, each of declarations of locals and instructions without the final
/// `end`.
pub fn module_of(functions: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut code = leb128(functions.len());
    for (locals, instructions) in functions {
        let body = [locals.as_slice(), instructions, &[0x0b]].concat();
        code.extend(sized(body));
    }
    let declared = [leb128(functions.len()), vec![0; functions.len()]].concat();
    let data = *b"\x0b\x12\x01\x00\x41\x00\x0b\x0cHello \"'`<\\~";
    let types = [1, 4, 1, 0x60, 0, 0];
    [b"\0asm\x01\0\0\0", types.as_slice(), &[3], &sized(declared), &[10], &sized(code), &data]
        .concat()
}

fn sized(bytes: Vec<u8>) -> Vec<u8> {
    [leb128(bytes.len()), bytes].concat()
}

fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push((value % 128) as u8 | 128);
        value /= 128;
    }
    bytes.push(value as u8);
    bytes
}

/// One instruction, of every shape that the format distinguishes.
fn instruction() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        any::<u8>().prop_map(|value| leb128(value.into())),
        any::<u16>().prop_map(|value| leb128(value.into())),
        // The largest positive i32, and numbers that are longer than necessary.
        Just(vec![0xff, 0xff, 0xff, 0xff, 0x07]),
        Just(vec![0x80, 0x80, 0x80, 0x80, 0x00]),
        Just(vec![0x80, 0x00]),
    ];
    let with_number = |opcodes: &'static [u8]| {
        (prop::sample::select(opcodes), number.clone())
            .prop_map(|(opcode, number)| [vec![opcode], number].concat())
    };
    prop_oneof![
        prop::sample::select(vec![0x00, 0x01, 0x0f, 0x1a, 0x1b, 0x45, 0x6a, 0xa7, 0xad])
            .prop_map(|opcode: u8| vec![opcode]),
        with_number(&[0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x41, 0xd2]),
        (prop::sample::select(vec![0x28_u8, 0x2d, 0x36, 0x3e]), number.clone())
            .prop_map(|(opcode, offset)| [vec![opcode, 0], offset].concat()),
        prop::sample::select(vec![
            vec![0x41, 0x7f],
            // The smallest i32: the number of its sequence has more than 32 bits.
            vec![0x41, 0x80, 0x80, 0x80, 0x80, 0x78],
            vec![0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
            vec![0x43, 1, 2, 3, 4],
            vec![0x44, 1, 2, 3, 4, 5, 6, 7, 8],
            vec![0x11, 0, 0],
            vec![0x0e, 2, 0, 1, 2],
            vec![0x1c, 1, 0x7f],
            vec![0x3f, 0],
            vec![0xfc, 10, 0, 0],
            vec![0xfc, 11, 0],
        ]),
        // Bodies of one, two and three bytes of size.
        (0..9_000_usize)
            .prop_map(|count| vec![0x6a; if count > 8_900 { count * 2 } else { count / 60 }]),
    ]
}

/// A module of one to five functions.
pub fn module() -> impl Strategy<Value = Vec<u8>> {
    let instructions = || prop::collection::vec(instruction(), 0..40).prop_map(|all| all.concat());
    let nested = (instructions(), instructions(), prop::sample::select(vec![0x02_u8, 0x03, 0x04]))
        .prop_map(|(outer, inner, block)| [outer, vec![block, 0x40], inner, vec![0x0b]].concat());
    let locals =
        prop::sample::select(vec![vec![0], vec![1, 3, 0x7f], vec![2, 1, 0x7e, 0x80, 1, 0x7f]]);
    prop::collection::vec((locals, prop_oneof![instructions(), nested]), 1..6)
        .prop_map(|functions: Vec<_>| module_of(&functions))
}
