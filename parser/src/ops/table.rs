//! The table of numeric and memory operators: the one place that lists them.
//! `for_each_unary! { m }` expands to `m! { rows }`, and `for_each_unary! { m, context }`
//! to `m! { context rows }`; the same for every class. An opcode is its byte, or
//! `prefix << 16 | number` after a prefix byte. Memory operators are without their address
//! operand: its type is the memory's. Spec: binary/instructions.

/// One operand, one result: `Name name opcode "text" (operand -> result) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_unary {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32Eqz i32_eqz 0x45 "i32.eqz" (I32 -> I32) Mvp;
        I64Eqz i64_eqz 0x50 "i64.eqz" (I64 -> I32) Mvp;
        I32Clz i32_clz 0x67 "i32.clz" (I32 -> I32) Mvp;
        I32Ctz i32_ctz 0x68 "i32.ctz" (I32 -> I32) Mvp;
        I32Popcnt i32_popcnt 0x69 "i32.popcnt" (I32 -> I32) Mvp;
        I64Clz i64_clz 0x79 "i64.clz" (I64 -> I64) Mvp;
        I64Ctz i64_ctz 0x7a "i64.ctz" (I64 -> I64) Mvp;
        I64Popcnt i64_popcnt 0x7b "i64.popcnt" (I64 -> I64) Mvp;
        F32Abs f32_abs 0x8b "f32.abs" (F32 -> F32) Mvp;
        F32Neg f32_neg 0x8c "f32.neg" (F32 -> F32) Mvp;
        F32Ceil f32_ceil 0x8d "f32.ceil" (F32 -> F32) Mvp;
        F32Floor f32_floor 0x8e "f32.floor" (F32 -> F32) Mvp;
        F32Trunc f32_trunc 0x8f "f32.trunc" (F32 -> F32) Mvp;
        F32Nearest f32_nearest 0x90 "f32.nearest" (F32 -> F32) Mvp;
        F32Sqrt f32_sqrt 0x91 "f32.sqrt" (F32 -> F32) Mvp;
        F64Abs f64_abs 0x99 "f64.abs" (F64 -> F64) Mvp;
        F64Neg f64_neg 0x9a "f64.neg" (F64 -> F64) Mvp;
        F64Ceil f64_ceil 0x9b "f64.ceil" (F64 -> F64) Mvp;
        F64Floor f64_floor 0x9c "f64.floor" (F64 -> F64) Mvp;
        F64Trunc f64_trunc 0x9d "f64.trunc" (F64 -> F64) Mvp;
        F64Nearest f64_nearest 0x9e "f64.nearest" (F64 -> F64) Mvp;
        F64Sqrt f64_sqrt 0x9f "f64.sqrt" (F64 -> F64) Mvp;
        I32WrapI64 i32_wrap_i64 0xa7 "i32.wrap_i64" (I64 -> I32) Mvp;
        I32TruncF32S i32_trunc_f32_s 0xa8 "i32.trunc_f32_s" (F32 -> I32) Mvp;
        I32TruncF32U i32_trunc_f32_u 0xa9 "i32.trunc_f32_u" (F32 -> I32) Mvp;
        I32TruncF64S i32_trunc_f64_s 0xaa "i32.trunc_f64_s" (F64 -> I32) Mvp;
        I32TruncF64U i32_trunc_f64_u 0xab "i32.trunc_f64_u" (F64 -> I32) Mvp;
        I64ExtendI32S i64_extend_i32_s 0xac "i64.extend_i32_s" (I32 -> I64) Mvp;
        I64ExtendI32U i64_extend_i32_u 0xad "i64.extend_i32_u" (I32 -> I64) Mvp;
        I64TruncF32S i64_trunc_f32_s 0xae "i64.trunc_f32_s" (F32 -> I64) Mvp;
        I64TruncF32U i64_trunc_f32_u 0xaf "i64.trunc_f32_u" (F32 -> I64) Mvp;
        I64TruncF64S i64_trunc_f64_s 0xb0 "i64.trunc_f64_s" (F64 -> I64) Mvp;
        I64TruncF64U i64_trunc_f64_u 0xb1 "i64.trunc_f64_u" (F64 -> I64) Mvp;
        F32ConvertI32S f32_convert_i32_s 0xb2 "f32.convert_i32_s" (I32 -> F32) Mvp;
        F32ConvertI32U f32_convert_i32_u 0xb3 "f32.convert_i32_u" (I32 -> F32) Mvp;
        F32ConvertI64S f32_convert_i64_s 0xb4 "f32.convert_i64_s" (I64 -> F32) Mvp;
        F32ConvertI64U f32_convert_i64_u 0xb5 "f32.convert_i64_u" (I64 -> F32) Mvp;
        F32DemoteF64 f32_demote_f64 0xb6 "f32.demote_f64" (F64 -> F32) Mvp;
        F64ConvertI32S f64_convert_i32_s 0xb7 "f64.convert_i32_s" (I32 -> F64) Mvp;
        F64ConvertI32U f64_convert_i32_u 0xb8 "f64.convert_i32_u" (I32 -> F64) Mvp;
        F64ConvertI64S f64_convert_i64_s 0xb9 "f64.convert_i64_s" (I64 -> F64) Mvp;
        F64ConvertI64U f64_convert_i64_u 0xba "f64.convert_i64_u" (I64 -> F64) Mvp;
        F64PromoteF32 f64_promote_f32 0xbb "f64.promote_f32" (F32 -> F64) Mvp;
        I32ReinterpretF32 i32_reinterpret_f32 0xbc "i32.reinterpret_f32" (F32 -> I32) Mvp;
        I64ReinterpretF64 i64_reinterpret_f64 0xbd "i64.reinterpret_f64" (F64 -> I64) Mvp;
        F32ReinterpretI32 f32_reinterpret_i32 0xbe "f32.reinterpret_i32" (I32 -> F32) Mvp;
        F64ReinterpretI64 f64_reinterpret_i64 0xbf "f64.reinterpret_i64" (I64 -> F64) Mvp;
        I32Extend8S i32_extend8_s 0xc0 "i32.extend8_s" (I32 -> I32) SignExtension;
        I32Extend16S i32_extend16_s 0xc1 "i32.extend16_s" (I32 -> I32) SignExtension;
        I64Extend8S i64_extend8_s 0xc2 "i64.extend8_s" (I64 -> I64) SignExtension;
        I64Extend16S i64_extend16_s 0xc3 "i64.extend16_s" (I64 -> I64) SignExtension;
        I64Extend32S i64_extend32_s 0xc4 "i64.extend32_s" (I64 -> I64) SignExtension;
        I32TruncSatF32S i32_trunc_sat_f32_s 0xfc_0000 "i32.trunc_sat_f32_s" (F32 -> I32) SaturatingFloatToInt;
        I32TruncSatF32U i32_trunc_sat_f32_u 0xfc_0001 "i32.trunc_sat_f32_u" (F32 -> I32) SaturatingFloatToInt;
        I32TruncSatF64S i32_trunc_sat_f64_s 0xfc_0002 "i32.trunc_sat_f64_s" (F64 -> I32) SaturatingFloatToInt;
        I32TruncSatF64U i32_trunc_sat_f64_u 0xfc_0003 "i32.trunc_sat_f64_u" (F64 -> I32) SaturatingFloatToInt;
        I64TruncSatF32S i64_trunc_sat_f32_s 0xfc_0004 "i64.trunc_sat_f32_s" (F32 -> I64) SaturatingFloatToInt;
        I64TruncSatF32U i64_trunc_sat_f32_u 0xfc_0005 "i64.trunc_sat_f32_u" (F32 -> I64) SaturatingFloatToInt;
        I64TruncSatF64S i64_trunc_sat_f64_s 0xfc_0006 "i64.trunc_sat_f64_s" (F64 -> I64) SaturatingFloatToInt;
        I64TruncSatF64U i64_trunc_sat_f64_u 0xfc_0007 "i64.trunc_sat_f64_u" (F64 -> I64) SaturatingFloatToInt;
        I8x16Splat i8x16_splat 0xfd_000f "i8x16.splat" (I32 -> V128) Simd;
        I16x8Splat i16x8_splat 0xfd_0010 "i16x8.splat" (I32 -> V128) Simd;
        I32x4Splat i32x4_splat 0xfd_0011 "i32x4.splat" (I32 -> V128) Simd;
        I64x2Splat i64x2_splat 0xfd_0012 "i64x2.splat" (I64 -> V128) Simd;
        F32x4Splat f32x4_splat 0xfd_0013 "f32x4.splat" (F32 -> V128) Simd;
        F64x2Splat f64x2_splat 0xfd_0014 "f64x2.splat" (F64 -> V128) Simd;
        V128Not v128_not 0xfd_004d "v128.not" (V128 -> V128) Simd;
        V128AnyTrue v128_any_true 0xfd_0053 "v128.any_true" (V128 -> I32) Simd;
        F32x4DemoteF64x2Zero f32x4_demote_f64x2_zero 0xfd_005e "f32x4.demote_f64x2_zero" (V128 -> V128) Simd;
        F64x2PromoteLowF32x4 f64x2_promote_low_f32x4 0xfd_005f "f64x2.promote_low_f32x4" (V128 -> V128) Simd;
        I8x16Abs i8x16_abs 0xfd_0060 "i8x16.abs" (V128 -> V128) Simd;
        I8x16Neg i8x16_neg 0xfd_0061 "i8x16.neg" (V128 -> V128) Simd;
        I8x16Popcnt i8x16_popcnt 0xfd_0062 "i8x16.popcnt" (V128 -> V128) Simd;
        I8x16AllTrue i8x16_all_true 0xfd_0063 "i8x16.all_true" (V128 -> I32) Simd;
        I8x16Bitmask i8x16_bitmask 0xfd_0064 "i8x16.bitmask" (V128 -> I32) Simd;
        F32x4Ceil f32x4_ceil 0xfd_0067 "f32x4.ceil" (V128 -> V128) Simd;
        F32x4Floor f32x4_floor 0xfd_0068 "f32x4.floor" (V128 -> V128) Simd;
        F32x4Trunc f32x4_trunc 0xfd_0069 "f32x4.trunc" (V128 -> V128) Simd;
        F32x4Nearest f32x4_nearest 0xfd_006a "f32x4.nearest" (V128 -> V128) Simd;
        F64x2Ceil f64x2_ceil 0xfd_0074 "f64x2.ceil" (V128 -> V128) Simd;
        F64x2Floor f64x2_floor 0xfd_0075 "f64x2.floor" (V128 -> V128) Simd;
        F64x2Trunc f64x2_trunc 0xfd_007a "f64x2.trunc" (V128 -> V128) Simd;
        I16x8ExtAddPairwiseI8x16S i16x8_extadd_pairwise_i8x16_s 0xfd_007c "i16x8.extadd_pairwise_i8x16_s" (V128 -> V128) Simd;
        I16x8ExtAddPairwiseI8x16U i16x8_extadd_pairwise_i8x16_u 0xfd_007d "i16x8.extadd_pairwise_i8x16_u" (V128 -> V128) Simd;
        I32x4ExtAddPairwiseI16x8S i32x4_extadd_pairwise_i16x8_s 0xfd_007e "i32x4.extadd_pairwise_i16x8_s" (V128 -> V128) Simd;
        I32x4ExtAddPairwiseI16x8U i32x4_extadd_pairwise_i16x8_u 0xfd_007f "i32x4.extadd_pairwise_i16x8_u" (V128 -> V128) Simd;
        I16x8Abs i16x8_abs 0xfd_0080 "i16x8.abs" (V128 -> V128) Simd;
        I16x8Neg i16x8_neg 0xfd_0081 "i16x8.neg" (V128 -> V128) Simd;
        I16x8AllTrue i16x8_all_true 0xfd_0083 "i16x8.all_true" (V128 -> I32) Simd;
        I16x8Bitmask i16x8_bitmask 0xfd_0084 "i16x8.bitmask" (V128 -> I32) Simd;
        I16x8ExtendLowI8x16S i16x8_extend_low_i8x16_s 0xfd_0087 "i16x8.extend_low_i8x16_s" (V128 -> V128) Simd;
        I16x8ExtendHighI8x16S i16x8_extend_high_i8x16_s 0xfd_0088 "i16x8.extend_high_i8x16_s" (V128 -> V128) Simd;
        I16x8ExtendLowI8x16U i16x8_extend_low_i8x16_u 0xfd_0089 "i16x8.extend_low_i8x16_u" (V128 -> V128) Simd;
        I16x8ExtendHighI8x16U i16x8_extend_high_i8x16_u 0xfd_008a "i16x8.extend_high_i8x16_u" (V128 -> V128) Simd;
        F64x2Nearest f64x2_nearest 0xfd_0094 "f64x2.nearest" (V128 -> V128) Simd;
        I32x4Abs i32x4_abs 0xfd_00a0 "i32x4.abs" (V128 -> V128) Simd;
        I32x4Neg i32x4_neg 0xfd_00a1 "i32x4.neg" (V128 -> V128) Simd;
        I32x4AllTrue i32x4_all_true 0xfd_00a3 "i32x4.all_true" (V128 -> I32) Simd;
        I32x4Bitmask i32x4_bitmask 0xfd_00a4 "i32x4.bitmask" (V128 -> I32) Simd;
        I32x4ExtendLowI16x8S i32x4_extend_low_i16x8_s 0xfd_00a7 "i32x4.extend_low_i16x8_s" (V128 -> V128) Simd;
        I32x4ExtendHighI16x8S i32x4_extend_high_i16x8_s 0xfd_00a8 "i32x4.extend_high_i16x8_s" (V128 -> V128) Simd;
        I32x4ExtendLowI16x8U i32x4_extend_low_i16x8_u 0xfd_00a9 "i32x4.extend_low_i16x8_u" (V128 -> V128) Simd;
        I32x4ExtendHighI16x8U i32x4_extend_high_i16x8_u 0xfd_00aa "i32x4.extend_high_i16x8_u" (V128 -> V128) Simd;
        I64x2Abs i64x2_abs 0xfd_00c0 "i64x2.abs" (V128 -> V128) Simd;
        I64x2Neg i64x2_neg 0xfd_00c1 "i64x2.neg" (V128 -> V128) Simd;
        I64x2AllTrue i64x2_all_true 0xfd_00c3 "i64x2.all_true" (V128 -> I32) Simd;
        I64x2Bitmask i64x2_bitmask 0xfd_00c4 "i64x2.bitmask" (V128 -> I32) Simd;
        I64x2ExtendLowI32x4S i64x2_extend_low_i32x4_s 0xfd_00c7 "i64x2.extend_low_i32x4_s" (V128 -> V128) Simd;
        I64x2ExtendHighI32x4S i64x2_extend_high_i32x4_s 0xfd_00c8 "i64x2.extend_high_i32x4_s" (V128 -> V128) Simd;
        I64x2ExtendLowI32x4U i64x2_extend_low_i32x4_u 0xfd_00c9 "i64x2.extend_low_i32x4_u" (V128 -> V128) Simd;
        I64x2ExtendHighI32x4U i64x2_extend_high_i32x4_u 0xfd_00ca "i64x2.extend_high_i32x4_u" (V128 -> V128) Simd;
        F32x4Abs f32x4_abs 0xfd_00e0 "f32x4.abs" (V128 -> V128) Simd;
        F32x4Neg f32x4_neg 0xfd_00e1 "f32x4.neg" (V128 -> V128) Simd;
        F32x4Sqrt f32x4_sqrt 0xfd_00e3 "f32x4.sqrt" (V128 -> V128) Simd;
        F64x2Abs f64x2_abs 0xfd_00ec "f64x2.abs" (V128 -> V128) Simd;
        F64x2Neg f64x2_neg 0xfd_00ed "f64x2.neg" (V128 -> V128) Simd;
        F64x2Sqrt f64x2_sqrt 0xfd_00ef "f64x2.sqrt" (V128 -> V128) Simd;
        I32x4TruncSatF32x4S i32x4_trunc_sat_f32x4_s 0xfd_00f8 "i32x4.trunc_sat_f32x4_s" (V128 -> V128) Simd;
        I32x4TruncSatF32x4U i32x4_trunc_sat_f32x4_u 0xfd_00f9 "i32x4.trunc_sat_f32x4_u" (V128 -> V128) Simd;
        F32x4ConvertI32x4S f32x4_convert_i32x4_s 0xfd_00fa "f32x4.convert_i32x4_s" (V128 -> V128) Simd;
        F32x4ConvertI32x4U f32x4_convert_i32x4_u 0xfd_00fb "f32x4.convert_i32x4_u" (V128 -> V128) Simd;
        I32x4TruncSatF64x2SZero i32x4_trunc_sat_f64x2_s_zero 0xfd_00fc "i32x4.trunc_sat_f64x2_s_zero" (V128 -> V128) Simd;
        I32x4TruncSatF64x2UZero i32x4_trunc_sat_f64x2_u_zero 0xfd_00fd "i32x4.trunc_sat_f64x2_u_zero" (V128 -> V128) Simd;
        F64x2ConvertLowI32x4S f64x2_convert_low_i32x4_s 0xfd_00fe "f64x2.convert_low_i32x4_s" (V128 -> V128) Simd;
        F64x2ConvertLowI32x4U f64x2_convert_low_i32x4_u 0xfd_00ff "f64x2.convert_low_i32x4_u" (V128 -> V128) Simd;
        I32x4RelaxedTruncF32x4S i32x4_relaxed_trunc_f32x4_s 0xfd_0101 "i32x4.relaxed_trunc_f32x4_s" (V128 -> V128) RelaxedSimd;
        I32x4RelaxedTruncF32x4U i32x4_relaxed_trunc_f32x4_u 0xfd_0102 "i32x4.relaxed_trunc_f32x4_u" (V128 -> V128) RelaxedSimd;
        I32x4RelaxedTruncF64x2SZero i32x4_relaxed_trunc_f64x2_s_zero 0xfd_0103 "i32x4.relaxed_trunc_f64x2_s_zero" (V128 -> V128) RelaxedSimd;
        I32x4RelaxedTruncF64x2UZero i32x4_relaxed_trunc_f64x2_u_zero 0xfd_0104 "i32x4.relaxed_trunc_f64x2_u_zero" (V128 -> V128) RelaxedSimd;
    } };
}

/// Two operands, one result: `Name name opcode "text" (operand operand -> result) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_binary {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32Add i32_add 0x6a "i32.add" (I32 I32 -> I32) Mvp;
        I32Sub i32_sub 0x6b "i32.sub" (I32 I32 -> I32) Mvp;
        I32Mul i32_mul 0x6c "i32.mul" (I32 I32 -> I32) Mvp;
        I32DivS i32_div_s 0x6d "i32.div_s" (I32 I32 -> I32) Mvp;
        I32DivU i32_div_u 0x6e "i32.div_u" (I32 I32 -> I32) Mvp;
        I32RemS i32_rem_s 0x6f "i32.rem_s" (I32 I32 -> I32) Mvp;
        I32RemU i32_rem_u 0x70 "i32.rem_u" (I32 I32 -> I32) Mvp;
        I32And i32_and 0x71 "i32.and" (I32 I32 -> I32) Mvp;
        I32Or i32_or 0x72 "i32.or" (I32 I32 -> I32) Mvp;
        I32Xor i32_xor 0x73 "i32.xor" (I32 I32 -> I32) Mvp;
        I32Shl i32_shl 0x74 "i32.shl" (I32 I32 -> I32) Mvp;
        I32ShrS i32_shr_s 0x75 "i32.shr_s" (I32 I32 -> I32) Mvp;
        I32ShrU i32_shr_u 0x76 "i32.shr_u" (I32 I32 -> I32) Mvp;
        I32Rotl i32_rotl 0x77 "i32.rotl" (I32 I32 -> I32) Mvp;
        I32Rotr i32_rotr 0x78 "i32.rotr" (I32 I32 -> I32) Mvp;
        I64Add i64_add 0x7c "i64.add" (I64 I64 -> I64) Mvp;
        I64Sub i64_sub 0x7d "i64.sub" (I64 I64 -> I64) Mvp;
        I64Mul i64_mul 0x7e "i64.mul" (I64 I64 -> I64) Mvp;
        I64DivS i64_div_s 0x7f "i64.div_s" (I64 I64 -> I64) Mvp;
        I64DivU i64_div_u 0x80 "i64.div_u" (I64 I64 -> I64) Mvp;
        I64RemS i64_rem_s 0x81 "i64.rem_s" (I64 I64 -> I64) Mvp;
        I64RemU i64_rem_u 0x82 "i64.rem_u" (I64 I64 -> I64) Mvp;
        I64And i64_and 0x83 "i64.and" (I64 I64 -> I64) Mvp;
        I64Or i64_or 0x84 "i64.or" (I64 I64 -> I64) Mvp;
        I64Xor i64_xor 0x85 "i64.xor" (I64 I64 -> I64) Mvp;
        I64Shl i64_shl 0x86 "i64.shl" (I64 I64 -> I64) Mvp;
        I64ShrS i64_shr_s 0x87 "i64.shr_s" (I64 I64 -> I64) Mvp;
        I64ShrU i64_shr_u 0x88 "i64.shr_u" (I64 I64 -> I64) Mvp;
        I64Rotl i64_rotl 0x89 "i64.rotl" (I64 I64 -> I64) Mvp;
        I64Rotr i64_rotr 0x8a "i64.rotr" (I64 I64 -> I64) Mvp;
        F32Add f32_add 0x92 "f32.add" (F32 F32 -> F32) Mvp;
        F32Sub f32_sub 0x93 "f32.sub" (F32 F32 -> F32) Mvp;
        F32Mul f32_mul 0x94 "f32.mul" (F32 F32 -> F32) Mvp;
        F32Div f32_div 0x95 "f32.div" (F32 F32 -> F32) Mvp;
        F32Min f32_min 0x96 "f32.min" (F32 F32 -> F32) Mvp;
        F32Max f32_max 0x97 "f32.max" (F32 F32 -> F32) Mvp;
        F32Copysign f32_copysign 0x98 "f32.copysign" (F32 F32 -> F32) Mvp;
        F64Add f64_add 0xa0 "f64.add" (F64 F64 -> F64) Mvp;
        F64Sub f64_sub 0xa1 "f64.sub" (F64 F64 -> F64) Mvp;
        F64Mul f64_mul 0xa2 "f64.mul" (F64 F64 -> F64) Mvp;
        F64Div f64_div 0xa3 "f64.div" (F64 F64 -> F64) Mvp;
        F64Min f64_min 0xa4 "f64.min" (F64 F64 -> F64) Mvp;
        F64Max f64_max 0xa5 "f64.max" (F64 F64 -> F64) Mvp;
        F64Copysign f64_copysign 0xa6 "f64.copysign" (F64 F64 -> F64) Mvp;
        I8x16Swizzle i8x16_swizzle 0xfd_000e "i8x16.swizzle" (V128 V128 -> V128) Simd;
        I8x16Eq i8x16_eq 0xfd_0023 "i8x16.eq" (V128 V128 -> V128) Simd;
        I8x16Ne i8x16_ne 0xfd_0024 "i8x16.ne" (V128 V128 -> V128) Simd;
        I8x16LtS i8x16_lt_s 0xfd_0025 "i8x16.lt_s" (V128 V128 -> V128) Simd;
        I8x16LtU i8x16_lt_u 0xfd_0026 "i8x16.lt_u" (V128 V128 -> V128) Simd;
        I8x16GtS i8x16_gt_s 0xfd_0027 "i8x16.gt_s" (V128 V128 -> V128) Simd;
        I8x16GtU i8x16_gt_u 0xfd_0028 "i8x16.gt_u" (V128 V128 -> V128) Simd;
        I8x16LeS i8x16_le_s 0xfd_0029 "i8x16.le_s" (V128 V128 -> V128) Simd;
        I8x16LeU i8x16_le_u 0xfd_002a "i8x16.le_u" (V128 V128 -> V128) Simd;
        I8x16GeS i8x16_ge_s 0xfd_002b "i8x16.ge_s" (V128 V128 -> V128) Simd;
        I8x16GeU i8x16_ge_u 0xfd_002c "i8x16.ge_u" (V128 V128 -> V128) Simd;
        I16x8Eq i16x8_eq 0xfd_002d "i16x8.eq" (V128 V128 -> V128) Simd;
        I16x8Ne i16x8_ne 0xfd_002e "i16x8.ne" (V128 V128 -> V128) Simd;
        I16x8LtS i16x8_lt_s 0xfd_002f "i16x8.lt_s" (V128 V128 -> V128) Simd;
        I16x8LtU i16x8_lt_u 0xfd_0030 "i16x8.lt_u" (V128 V128 -> V128) Simd;
        I16x8GtS i16x8_gt_s 0xfd_0031 "i16x8.gt_s" (V128 V128 -> V128) Simd;
        I16x8GtU i16x8_gt_u 0xfd_0032 "i16x8.gt_u" (V128 V128 -> V128) Simd;
        I16x8LeS i16x8_le_s 0xfd_0033 "i16x8.le_s" (V128 V128 -> V128) Simd;
        I16x8LeU i16x8_le_u 0xfd_0034 "i16x8.le_u" (V128 V128 -> V128) Simd;
        I16x8GeS i16x8_ge_s 0xfd_0035 "i16x8.ge_s" (V128 V128 -> V128) Simd;
        I16x8GeU i16x8_ge_u 0xfd_0036 "i16x8.ge_u" (V128 V128 -> V128) Simd;
        I32x4Eq i32x4_eq 0xfd_0037 "i32x4.eq" (V128 V128 -> V128) Simd;
        I32x4Ne i32x4_ne 0xfd_0038 "i32x4.ne" (V128 V128 -> V128) Simd;
        I32x4LtS i32x4_lt_s 0xfd_0039 "i32x4.lt_s" (V128 V128 -> V128) Simd;
        I32x4LtU i32x4_lt_u 0xfd_003a "i32x4.lt_u" (V128 V128 -> V128) Simd;
        I32x4GtS i32x4_gt_s 0xfd_003b "i32x4.gt_s" (V128 V128 -> V128) Simd;
        I32x4GtU i32x4_gt_u 0xfd_003c "i32x4.gt_u" (V128 V128 -> V128) Simd;
        I32x4LeS i32x4_le_s 0xfd_003d "i32x4.le_s" (V128 V128 -> V128) Simd;
        I32x4LeU i32x4_le_u 0xfd_003e "i32x4.le_u" (V128 V128 -> V128) Simd;
        I32x4GeS i32x4_ge_s 0xfd_003f "i32x4.ge_s" (V128 V128 -> V128) Simd;
        I32x4GeU i32x4_ge_u 0xfd_0040 "i32x4.ge_u" (V128 V128 -> V128) Simd;
        F32x4Eq f32x4_eq 0xfd_0041 "f32x4.eq" (V128 V128 -> V128) Simd;
        F32x4Ne f32x4_ne 0xfd_0042 "f32x4.ne" (V128 V128 -> V128) Simd;
        F32x4Lt f32x4_lt 0xfd_0043 "f32x4.lt" (V128 V128 -> V128) Simd;
        F32x4Gt f32x4_gt 0xfd_0044 "f32x4.gt" (V128 V128 -> V128) Simd;
        F32x4Le f32x4_le 0xfd_0045 "f32x4.le" (V128 V128 -> V128) Simd;
        F32x4Ge f32x4_ge 0xfd_0046 "f32x4.ge" (V128 V128 -> V128) Simd;
        F64x2Eq f64x2_eq 0xfd_0047 "f64x2.eq" (V128 V128 -> V128) Simd;
        F64x2Ne f64x2_ne 0xfd_0048 "f64x2.ne" (V128 V128 -> V128) Simd;
        F64x2Lt f64x2_lt 0xfd_0049 "f64x2.lt" (V128 V128 -> V128) Simd;
        F64x2Gt f64x2_gt 0xfd_004a "f64x2.gt" (V128 V128 -> V128) Simd;
        F64x2Le f64x2_le 0xfd_004b "f64x2.le" (V128 V128 -> V128) Simd;
        F64x2Ge f64x2_ge 0xfd_004c "f64x2.ge" (V128 V128 -> V128) Simd;
        V128And v128_and 0xfd_004e "v128.and" (V128 V128 -> V128) Simd;
        V128AndNot v128_andnot 0xfd_004f "v128.andnot" (V128 V128 -> V128) Simd;
        V128Or v128_or 0xfd_0050 "v128.or" (V128 V128 -> V128) Simd;
        V128Xor v128_xor 0xfd_0051 "v128.xor" (V128 V128 -> V128) Simd;
        I8x16NarrowI16x8S i8x16_narrow_i16x8_s 0xfd_0065 "i8x16.narrow_i16x8_s" (V128 V128 -> V128) Simd;
        I8x16NarrowI16x8U i8x16_narrow_i16x8_u 0xfd_0066 "i8x16.narrow_i16x8_u" (V128 V128 -> V128) Simd;
        I8x16Shl i8x16_shl 0xfd_006b "i8x16.shl" (V128 I32 -> V128) Simd;
        I8x16ShrS i8x16_shr_s 0xfd_006c "i8x16.shr_s" (V128 I32 -> V128) Simd;
        I8x16ShrU i8x16_shr_u 0xfd_006d "i8x16.shr_u" (V128 I32 -> V128) Simd;
        I8x16Add i8x16_add 0xfd_006e "i8x16.add" (V128 V128 -> V128) Simd;
        I8x16AddSatS i8x16_add_sat_s 0xfd_006f "i8x16.add_sat_s" (V128 V128 -> V128) Simd;
        I8x16AddSatU i8x16_add_sat_u 0xfd_0070 "i8x16.add_sat_u" (V128 V128 -> V128) Simd;
        I8x16Sub i8x16_sub 0xfd_0071 "i8x16.sub" (V128 V128 -> V128) Simd;
        I8x16SubSatS i8x16_sub_sat_s 0xfd_0072 "i8x16.sub_sat_s" (V128 V128 -> V128) Simd;
        I8x16SubSatU i8x16_sub_sat_u 0xfd_0073 "i8x16.sub_sat_u" (V128 V128 -> V128) Simd;
        I8x16MinS i8x16_min_s 0xfd_0076 "i8x16.min_s" (V128 V128 -> V128) Simd;
        I8x16MinU i8x16_min_u 0xfd_0077 "i8x16.min_u" (V128 V128 -> V128) Simd;
        I8x16MaxS i8x16_max_s 0xfd_0078 "i8x16.max_s" (V128 V128 -> V128) Simd;
        I8x16MaxU i8x16_max_u 0xfd_0079 "i8x16.max_u" (V128 V128 -> V128) Simd;
        I8x16AvgrU i8x16_avgr_u 0xfd_007b "i8x16.avgr_u" (V128 V128 -> V128) Simd;
        I16x8Q15MulrSatS i16x8_q15mulr_sat_s 0xfd_0082 "i16x8.q15mulr_sat_s" (V128 V128 -> V128) Simd;
        I16x8NarrowI32x4S i16x8_narrow_i32x4_s 0xfd_0085 "i16x8.narrow_i32x4_s" (V128 V128 -> V128) Simd;
        I16x8NarrowI32x4U i16x8_narrow_i32x4_u 0xfd_0086 "i16x8.narrow_i32x4_u" (V128 V128 -> V128) Simd;
        I16x8Shl i16x8_shl 0xfd_008b "i16x8.shl" (V128 I32 -> V128) Simd;
        I16x8ShrS i16x8_shr_s 0xfd_008c "i16x8.shr_s" (V128 I32 -> V128) Simd;
        I16x8ShrU i16x8_shr_u 0xfd_008d "i16x8.shr_u" (V128 I32 -> V128) Simd;
        I16x8Add i16x8_add 0xfd_008e "i16x8.add" (V128 V128 -> V128) Simd;
        I16x8AddSatS i16x8_add_sat_s 0xfd_008f "i16x8.add_sat_s" (V128 V128 -> V128) Simd;
        I16x8AddSatU i16x8_add_sat_u 0xfd_0090 "i16x8.add_sat_u" (V128 V128 -> V128) Simd;
        I16x8Sub i16x8_sub 0xfd_0091 "i16x8.sub" (V128 V128 -> V128) Simd;
        I16x8SubSatS i16x8_sub_sat_s 0xfd_0092 "i16x8.sub_sat_s" (V128 V128 -> V128) Simd;
        I16x8SubSatU i16x8_sub_sat_u 0xfd_0093 "i16x8.sub_sat_u" (V128 V128 -> V128) Simd;
        I16x8Mul i16x8_mul 0xfd_0095 "i16x8.mul" (V128 V128 -> V128) Simd;
        I16x8MinS i16x8_min_s 0xfd_0096 "i16x8.min_s" (V128 V128 -> V128) Simd;
        I16x8MinU i16x8_min_u 0xfd_0097 "i16x8.min_u" (V128 V128 -> V128) Simd;
        I16x8MaxS i16x8_max_s 0xfd_0098 "i16x8.max_s" (V128 V128 -> V128) Simd;
        I16x8MaxU i16x8_max_u 0xfd_0099 "i16x8.max_u" (V128 V128 -> V128) Simd;
        I16x8AvgrU i16x8_avgr_u 0xfd_009b "i16x8.avgr_u" (V128 V128 -> V128) Simd;
        I16x8ExtMulLowI8x16S i16x8_extmul_low_i8x16_s 0xfd_009c "i16x8.extmul_low_i8x16_s" (V128 V128 -> V128) Simd;
        I16x8ExtMulHighI8x16S i16x8_extmul_high_i8x16_s 0xfd_009d "i16x8.extmul_high_i8x16_s" (V128 V128 -> V128) Simd;
        I16x8ExtMulLowI8x16U i16x8_extmul_low_i8x16_u 0xfd_009e "i16x8.extmul_low_i8x16_u" (V128 V128 -> V128) Simd;
        I16x8ExtMulHighI8x16U i16x8_extmul_high_i8x16_u 0xfd_009f "i16x8.extmul_high_i8x16_u" (V128 V128 -> V128) Simd;
        I32x4Shl i32x4_shl 0xfd_00ab "i32x4.shl" (V128 I32 -> V128) Simd;
        I32x4ShrS i32x4_shr_s 0xfd_00ac "i32x4.shr_s" (V128 I32 -> V128) Simd;
        I32x4ShrU i32x4_shr_u 0xfd_00ad "i32x4.shr_u" (V128 I32 -> V128) Simd;
        I32x4Add i32x4_add 0xfd_00ae "i32x4.add" (V128 V128 -> V128) Simd;
        I32x4Sub i32x4_sub 0xfd_00b1 "i32x4.sub" (V128 V128 -> V128) Simd;
        I32x4Mul i32x4_mul 0xfd_00b5 "i32x4.mul" (V128 V128 -> V128) Simd;
        I32x4MinS i32x4_min_s 0xfd_00b6 "i32x4.min_s" (V128 V128 -> V128) Simd;
        I32x4MinU i32x4_min_u 0xfd_00b7 "i32x4.min_u" (V128 V128 -> V128) Simd;
        I32x4MaxS i32x4_max_s 0xfd_00b8 "i32x4.max_s" (V128 V128 -> V128) Simd;
        I32x4MaxU i32x4_max_u 0xfd_00b9 "i32x4.max_u" (V128 V128 -> V128) Simd;
        I32x4DotI16x8S i32x4_dot_i16x8_s 0xfd_00ba "i32x4.dot_i16x8_s" (V128 V128 -> V128) Simd;
        I32x4ExtMulLowI16x8S i32x4_extmul_low_i16x8_s 0xfd_00bc "i32x4.extmul_low_i16x8_s" (V128 V128 -> V128) Simd;
        I32x4ExtMulHighI16x8S i32x4_extmul_high_i16x8_s 0xfd_00bd "i32x4.extmul_high_i16x8_s" (V128 V128 -> V128) Simd;
        I32x4ExtMulLowI16x8U i32x4_extmul_low_i16x8_u 0xfd_00be "i32x4.extmul_low_i16x8_u" (V128 V128 -> V128) Simd;
        I32x4ExtMulHighI16x8U i32x4_extmul_high_i16x8_u 0xfd_00bf "i32x4.extmul_high_i16x8_u" (V128 V128 -> V128) Simd;
        I64x2Shl i64x2_shl 0xfd_00cb "i64x2.shl" (V128 I32 -> V128) Simd;
        I64x2ShrS i64x2_shr_s 0xfd_00cc "i64x2.shr_s" (V128 I32 -> V128) Simd;
        I64x2ShrU i64x2_shr_u 0xfd_00cd "i64x2.shr_u" (V128 I32 -> V128) Simd;
        I64x2Add i64x2_add 0xfd_00ce "i64x2.add" (V128 V128 -> V128) Simd;
        I64x2Sub i64x2_sub 0xfd_00d1 "i64x2.sub" (V128 V128 -> V128) Simd;
        I64x2Mul i64x2_mul 0xfd_00d5 "i64x2.mul" (V128 V128 -> V128) Simd;
        I64x2Eq i64x2_eq 0xfd_00d6 "i64x2.eq" (V128 V128 -> V128) Simd;
        I64x2Ne i64x2_ne 0xfd_00d7 "i64x2.ne" (V128 V128 -> V128) Simd;
        I64x2LtS i64x2_lt_s 0xfd_00d8 "i64x2.lt_s" (V128 V128 -> V128) Simd;
        I64x2GtS i64x2_gt_s 0xfd_00d9 "i64x2.gt_s" (V128 V128 -> V128) Simd;
        I64x2LeS i64x2_le_s 0xfd_00da "i64x2.le_s" (V128 V128 -> V128) Simd;
        I64x2GeS i64x2_ge_s 0xfd_00db "i64x2.ge_s" (V128 V128 -> V128) Simd;
        I64x2ExtMulLowI32x4S i64x2_extmul_low_i32x4_s 0xfd_00dc "i64x2.extmul_low_i32x4_s" (V128 V128 -> V128) Simd;
        I64x2ExtMulHighI32x4S i64x2_extmul_high_i32x4_s 0xfd_00dd "i64x2.extmul_high_i32x4_s" (V128 V128 -> V128) Simd;
        I64x2ExtMulLowI32x4U i64x2_extmul_low_i32x4_u 0xfd_00de "i64x2.extmul_low_i32x4_u" (V128 V128 -> V128) Simd;
        I64x2ExtMulHighI32x4U i64x2_extmul_high_i32x4_u 0xfd_00df "i64x2.extmul_high_i32x4_u" (V128 V128 -> V128) Simd;
        F32x4Add f32x4_add 0xfd_00e4 "f32x4.add" (V128 V128 -> V128) Simd;
        F32x4Sub f32x4_sub 0xfd_00e5 "f32x4.sub" (V128 V128 -> V128) Simd;
        F32x4Mul f32x4_mul 0xfd_00e6 "f32x4.mul" (V128 V128 -> V128) Simd;
        F32x4Div f32x4_div 0xfd_00e7 "f32x4.div" (V128 V128 -> V128) Simd;
        F32x4Min f32x4_min 0xfd_00e8 "f32x4.min" (V128 V128 -> V128) Simd;
        F32x4Max f32x4_max 0xfd_00e9 "f32x4.max" (V128 V128 -> V128) Simd;
        F32x4PMin f32x4_pmin 0xfd_00ea "f32x4.pmin" (V128 V128 -> V128) Simd;
        F32x4PMax f32x4_pmax 0xfd_00eb "f32x4.pmax" (V128 V128 -> V128) Simd;
        F64x2Add f64x2_add 0xfd_00f0 "f64x2.add" (V128 V128 -> V128) Simd;
        F64x2Sub f64x2_sub 0xfd_00f1 "f64x2.sub" (V128 V128 -> V128) Simd;
        F64x2Mul f64x2_mul 0xfd_00f2 "f64x2.mul" (V128 V128 -> V128) Simd;
        F64x2Div f64x2_div 0xfd_00f3 "f64x2.div" (V128 V128 -> V128) Simd;
        F64x2Min f64x2_min 0xfd_00f4 "f64x2.min" (V128 V128 -> V128) Simd;
        F64x2Max f64x2_max 0xfd_00f5 "f64x2.max" (V128 V128 -> V128) Simd;
        F64x2PMin f64x2_pmin 0xfd_00f6 "f64x2.pmin" (V128 V128 -> V128) Simd;
        F64x2PMax f64x2_pmax 0xfd_00f7 "f64x2.pmax" (V128 V128 -> V128) Simd;
        I8x16RelaxedSwizzle i8x16_relaxed_swizzle 0xfd_0100 "i8x16.relaxed_swizzle" (V128 V128 -> V128) RelaxedSimd;
        F32x4RelaxedMin f32x4_relaxed_min 0xfd_010d "f32x4.relaxed_min" (V128 V128 -> V128) RelaxedSimd;
        F32x4RelaxedMax f32x4_relaxed_max 0xfd_010e "f32x4.relaxed_max" (V128 V128 -> V128) RelaxedSimd;
        F64x2RelaxedMin f64x2_relaxed_min 0xfd_010f "f64x2.relaxed_min" (V128 V128 -> V128) RelaxedSimd;
        F64x2RelaxedMax f64x2_relaxed_max 0xfd_0110 "f64x2.relaxed_max" (V128 V128 -> V128) RelaxedSimd;
        I16x8RelaxedQ15mulrS i16x8_relaxed_q15mulr_s 0xfd_0111 "i16x8.relaxed_q15mulr_s" (V128 V128 -> V128) RelaxedSimd;
        I16x8RelaxedDotI8x16I7x16S i16x8_relaxed_dot_i8x16_i7x16_s 0xfd_0112 "i16x8.relaxed_dot_i8x16_i7x16_s" (V128 V128 -> V128) RelaxedSimd;
    } };
}

/// Scalar comparisons, whose result is 0 or 1; rows like those of `for_each_binary`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_compare {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32Eq i32_eq 0x46 "i32.eq" (I32 I32 -> I32) Mvp;
        I32Ne i32_ne 0x47 "i32.ne" (I32 I32 -> I32) Mvp;
        I32LtS i32_lt_s 0x48 "i32.lt_s" (I32 I32 -> I32) Mvp;
        I32LtU i32_lt_u 0x49 "i32.lt_u" (I32 I32 -> I32) Mvp;
        I32GtS i32_gt_s 0x4a "i32.gt_s" (I32 I32 -> I32) Mvp;
        I32GtU i32_gt_u 0x4b "i32.gt_u" (I32 I32 -> I32) Mvp;
        I32LeS i32_le_s 0x4c "i32.le_s" (I32 I32 -> I32) Mvp;
        I32LeU i32_le_u 0x4d "i32.le_u" (I32 I32 -> I32) Mvp;
        I32GeS i32_ge_s 0x4e "i32.ge_s" (I32 I32 -> I32) Mvp;
        I32GeU i32_ge_u 0x4f "i32.ge_u" (I32 I32 -> I32) Mvp;
        I64Eq i64_eq 0x51 "i64.eq" (I64 I64 -> I32) Mvp;
        I64Ne i64_ne 0x52 "i64.ne" (I64 I64 -> I32) Mvp;
        I64LtS i64_lt_s 0x53 "i64.lt_s" (I64 I64 -> I32) Mvp;
        I64LtU i64_lt_u 0x54 "i64.lt_u" (I64 I64 -> I32) Mvp;
        I64GtS i64_gt_s 0x55 "i64.gt_s" (I64 I64 -> I32) Mvp;
        I64GtU i64_gt_u 0x56 "i64.gt_u" (I64 I64 -> I32) Mvp;
        I64LeS i64_le_s 0x57 "i64.le_s" (I64 I64 -> I32) Mvp;
        I64LeU i64_le_u 0x58 "i64.le_u" (I64 I64 -> I32) Mvp;
        I64GeS i64_ge_s 0x59 "i64.ge_s" (I64 I64 -> I32) Mvp;
        I64GeU i64_ge_u 0x5a "i64.ge_u" (I64 I64 -> I32) Mvp;
        F32Eq f32_eq 0x5b "f32.eq" (F32 F32 -> I32) Mvp;
        F32Ne f32_ne 0x5c "f32.ne" (F32 F32 -> I32) Mvp;
        F32Lt f32_lt 0x5d "f32.lt" (F32 F32 -> I32) Mvp;
        F32Gt f32_gt 0x5e "f32.gt" (F32 F32 -> I32) Mvp;
        F32Le f32_le 0x5f "f32.le" (F32 F32 -> I32) Mvp;
        F32Ge f32_ge 0x60 "f32.ge" (F32 F32 -> I32) Mvp;
        F64Eq f64_eq 0x61 "f64.eq" (F64 F64 -> I32) Mvp;
        F64Ne f64_ne 0x62 "f64.ne" (F64 F64 -> I32) Mvp;
        F64Lt f64_lt 0x63 "f64.lt" (F64 F64 -> I32) Mvp;
        F64Gt f64_gt 0x64 "f64.gt" (F64 F64 -> I32) Mvp;
        F64Le f64_le 0x65 "f64.le" (F64 F64 -> I32) Mvp;
        F64Ge f64_ge 0x66 "f64.ge" (F64 F64 -> I32) Mvp;
    } };
}

/// Three vectors to one: rows like those of `for_each_binary`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_ternary {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        V128Bitselect v128_bitselect 0xfd_0052 "v128.bitselect" (V128 V128 V128 -> V128) Simd;
        F32x4RelaxedMadd f32x4_relaxed_madd 0xfd_0105 "f32x4.relaxed_madd" (V128 V128 V128 -> V128) RelaxedSimd;
        F32x4RelaxedNmadd f32x4_relaxed_nmadd 0xfd_0106 "f32x4.relaxed_nmadd" (V128 V128 V128 -> V128) RelaxedSimd;
        F64x2RelaxedMadd f64x2_relaxed_madd 0xfd_0107 "f64x2.relaxed_madd" (V128 V128 V128 -> V128) RelaxedSimd;
        F64x2RelaxedNmadd f64x2_relaxed_nmadd 0xfd_0108 "f64x2.relaxed_nmadd" (V128 V128 V128 -> V128) RelaxedSimd;
        I8x16RelaxedLaneselect i8x16_relaxed_laneselect 0xfd_0109 "i8x16.relaxed_laneselect" (V128 V128 V128 -> V128) RelaxedSimd;
        I16x8RelaxedLaneselect i16x8_relaxed_laneselect 0xfd_010a "i16x8.relaxed_laneselect" (V128 V128 V128 -> V128) RelaxedSimd;
        I32x4RelaxedLaneselect i32x4_relaxed_laneselect 0xfd_010b "i32x4.relaxed_laneselect" (V128 V128 V128 -> V128) RelaxedSimd;
        I64x2RelaxedLaneselect i64x2_relaxed_laneselect 0xfd_010c "i64x2.relaxed_laneselect" (V128 V128 V128 -> V128) RelaxedSimd;
        I32x4RelaxedDotI8x16I7x16AddS i32x4_relaxed_dot_i8x16_i7x16_add_s 0xfd_0113 "i32x4.relaxed_dot_i8x16_i7x16_add_s" (V128 V128 V128 -> V128) RelaxedSimd;
    } };
}

/// A lane out of a vector: `Name name opcode "text" [lanes] (V128 -> result) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_extract {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I8x16ExtractLaneS i8x16_extract_lane_s 0xfd_0015 "i8x16.extract_lane_s" [16] (V128 -> I32) Simd;
        I8x16ExtractLaneU i8x16_extract_lane_u 0xfd_0016 "i8x16.extract_lane_u" [16] (V128 -> I32) Simd;
        I16x8ExtractLaneS i16x8_extract_lane_s 0xfd_0018 "i16x8.extract_lane_s" [8] (V128 -> I32) Simd;
        I16x8ExtractLaneU i16x8_extract_lane_u 0xfd_0019 "i16x8.extract_lane_u" [8] (V128 -> I32) Simd;
        I32x4ExtractLane i32x4_extract_lane 0xfd_001b "i32x4.extract_lane" [4] (V128 -> I32) Simd;
        I64x2ExtractLane i64x2_extract_lane 0xfd_001d "i64x2.extract_lane" [2] (V128 -> I64) Simd;
        F32x4ExtractLane f32x4_extract_lane 0xfd_001f "f32x4.extract_lane" [4] (V128 -> F32) Simd;
        F64x2ExtractLane f64x2_extract_lane 0xfd_0021 "f64x2.extract_lane" [2] (V128 -> F64) Simd;
    } };
}

/// A lane into a vector: `Name name opcode "text" [lanes] (V128 operand -> V128) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_replace {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I8x16ReplaceLane i8x16_replace_lane 0xfd_0017 "i8x16.replace_lane" [16] (V128 I32 -> V128) Simd;
        I16x8ReplaceLane i16x8_replace_lane 0xfd_001a "i16x8.replace_lane" [8] (V128 I32 -> V128) Simd;
        I32x4ReplaceLane i32x4_replace_lane 0xfd_001c "i32x4.replace_lane" [4] (V128 I32 -> V128) Simd;
        I64x2ReplaceLane i64x2_replace_lane 0xfd_001e "i64x2.replace_lane" [2] (V128 I64 -> V128) Simd;
        F32x4ReplaceLane f32x4_replace_lane 0xfd_0020 "f32x4.replace_lane" [4] (V128 F32 -> V128) Simd;
        F64x2ReplaceLane f64x2_replace_lane 0xfd_0022 "f64x2.replace_lane" [2] (V128 F64 -> V128) Simd;
    } };
}

/// 128-bit arithmetic in halves, the low one first: `Name name opcode "text" (operands -> low high) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_wide {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I64Add128 i64_add128 0xfc_0013 "i64.add128" (I64 I64 I64 I64 -> I64 I64) WideArithmetic;
        I64Sub128 i64_sub128 0xfc_0014 "i64.sub128" (I64 I64 I64 I64 -> I64 I64) WideArithmetic;
        I64MulWideS i64_mul_wide_s 0xfc_0015 "i64.mul_wide_s" (I64 I64 -> I64 I64) WideArithmetic;
        I64MulWideU i64_mul_wide_u 0xfc_0016 "i64.mul_wide_u" (I64 I64 -> I64 I64) WideArithmetic;
    } };
}

/// Loads: `Name name opcode "text" (bytes -> result) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_load {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32Load i32_load 0x28 "i32.load" (4 -> I32) Mvp;
        I64Load i64_load 0x29 "i64.load" (8 -> I64) Mvp;
        F32Load f32_load 0x2a "f32.load" (4 -> F32) Mvp;
        F64Load f64_load 0x2b "f64.load" (8 -> F64) Mvp;
        I32Load8S i32_load8_s 0x2c "i32.load8_s" (1 -> I32) Mvp;
        I32Load8U i32_load8_u 0x2d "i32.load8_u" (1 -> I32) Mvp;
        I32Load16S i32_load16_s 0x2e "i32.load16_s" (2 -> I32) Mvp;
        I32Load16U i32_load16_u 0x2f "i32.load16_u" (2 -> I32) Mvp;
        I64Load8S i64_load8_s 0x30 "i64.load8_s" (1 -> I64) Mvp;
        I64Load8U i64_load8_u 0x31 "i64.load8_u" (1 -> I64) Mvp;
        I64Load16S i64_load16_s 0x32 "i64.load16_s" (2 -> I64) Mvp;
        I64Load16U i64_load16_u 0x33 "i64.load16_u" (2 -> I64) Mvp;
        I64Load32S i64_load32_s 0x34 "i64.load32_s" (4 -> I64) Mvp;
        I64Load32U i64_load32_u 0x35 "i64.load32_u" (4 -> I64) Mvp;
        V128Load v128_load 0xfd_0000 "v128.load" (16 -> V128) Simd;
        V128Load8x8S v128_load8x8_s 0xfd_0001 "v128.load8x8_s" (8 -> V128) Simd;
        V128Load8x8U v128_load8x8_u 0xfd_0002 "v128.load8x8_u" (8 -> V128) Simd;
        V128Load16x4S v128_load16x4_s 0xfd_0003 "v128.load16x4_s" (8 -> V128) Simd;
        V128Load16x4U v128_load16x4_u 0xfd_0004 "v128.load16x4_u" (8 -> V128) Simd;
        V128Load32x2S v128_load32x2_s 0xfd_0005 "v128.load32x2_s" (8 -> V128) Simd;
        V128Load32x2U v128_load32x2_u 0xfd_0006 "v128.load32x2_u" (8 -> V128) Simd;
        V128Load8Splat v128_load8_splat 0xfd_0007 "v128.load8_splat" (1 -> V128) Simd;
        V128Load16Splat v128_load16_splat 0xfd_0008 "v128.load16_splat" (2 -> V128) Simd;
        V128Load32Splat v128_load32_splat 0xfd_0009 "v128.load32_splat" (4 -> V128) Simd;
        V128Load64Splat v128_load64_splat 0xfd_000a "v128.load64_splat" (8 -> V128) Simd;
        V128Load32Zero v128_load32_zero 0xfd_005c "v128.load32_zero" (4 -> V128) Simd;
        V128Load64Zero v128_load64_zero 0xfd_005d "v128.load64_zero" (8 -> V128) Simd;
    } };
}

/// Stores: `Name name opcode "text" (operand -> bytes) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_store {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32Store i32_store 0x36 "i32.store" (I32 -> 4) Mvp;
        I64Store i64_store 0x37 "i64.store" (I64 -> 8) Mvp;
        F32Store f32_store 0x38 "f32.store" (F32 -> 4) Mvp;
        F64Store f64_store 0x39 "f64.store" (F64 -> 8) Mvp;
        I32Store8 i32_store8 0x3a "i32.store8" (I32 -> 1) Mvp;
        I32Store16 i32_store16 0x3b "i32.store16" (I32 -> 2) Mvp;
        I64Store8 i64_store8 0x3c "i64.store8" (I64 -> 1) Mvp;
        I64Store16 i64_store16 0x3d "i64.store16" (I64 -> 2) Mvp;
        I64Store32 i64_store32 0x3e "i64.store32" (I64 -> 4) Mvp;
        V128Store v128_store 0xfd_000b "v128.store" (V128 -> 16) Simd;
    } };
}

/// Loads of one lane: `Name name opcode "text" [lanes] (bytes V128 -> V128) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_load_lane {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        V128Load8Lane v128_load8_lane 0xfd_0054 "v128.load8_lane" [16] (1 V128 -> V128) Simd;
        V128Load16Lane v128_load16_lane 0xfd_0055 "v128.load16_lane" [8] (2 V128 -> V128) Simd;
        V128Load32Lane v128_load32_lane 0xfd_0056 "v128.load32_lane" [4] (4 V128 -> V128) Simd;
        V128Load64Lane v128_load64_lane 0xfd_0057 "v128.load64_lane" [2] (8 V128 -> V128) Simd;
    } };
}

/// Stores of one lane: `Name name opcode "text" [lanes] (V128 -> bytes) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_store_lane {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        V128Store8Lane v128_store8_lane 0xfd_0058 "v128.store8_lane" [16] (V128 -> 1) Simd;
        V128Store16Lane v128_store16_lane 0xfd_0059 "v128.store16_lane" [8] (V128 -> 2) Simd;
        V128Store32Lane v128_store32_lane 0xfd_005a "v128.store32_lane" [4] (V128 -> 4) Simd;
        V128Store64Lane v128_store64_lane 0xfd_005b "v128.store64_lane" [2] (V128 -> 8) Simd;
    } };
}

/// Atomic loads, zero-extending: rows like those of `for_each_load`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_atomic_load {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32AtomicLoad i32_atomic_load 0xfe_0010 "i32.atomic.load" (4 -> I32) Threads;
        I64AtomicLoad i64_atomic_load 0xfe_0011 "i64.atomic.load" (8 -> I64) Threads;
        I32AtomicLoad8U i32_atomic_load8_u 0xfe_0012 "i32.atomic.load8_u" (1 -> I32) Threads;
        I32AtomicLoad16U i32_atomic_load16_u 0xfe_0013 "i32.atomic.load16_u" (2 -> I32) Threads;
        I64AtomicLoad8U i64_atomic_load8_u 0xfe_0014 "i64.atomic.load8_u" (1 -> I64) Threads;
        I64AtomicLoad16U i64_atomic_load16_u 0xfe_0015 "i64.atomic.load16_u" (2 -> I64) Threads;
        I64AtomicLoad32U i64_atomic_load32_u 0xfe_0016 "i64.atomic.load32_u" (4 -> I64) Threads;
    } };
}

/// Atomic stores: rows like those of `for_each_store`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_atomic_store {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32AtomicStore i32_atomic_store 0xfe_0017 "i32.atomic.store" (I32 -> 4) Threads;
        I64AtomicStore i64_atomic_store 0xfe_0018 "i64.atomic.store" (I64 -> 8) Threads;
        I32AtomicStore8 i32_atomic_store8 0xfe_0019 "i32.atomic.store8" (I32 -> 1) Threads;
        I32AtomicStore16 i32_atomic_store16 0xfe_001a "i32.atomic.store16" (I32 -> 2) Threads;
        I64AtomicStore8 i64_atomic_store8 0xfe_001b "i64.atomic.store8" (I64 -> 1) Threads;
        I64AtomicStore16 i64_atomic_store16 0xfe_001c "i64.atomic.store16" (I64 -> 2) Threads;
        I64AtomicStore32 i64_atomic_store32 0xfe_001d "i64.atomic.store32" (I64 -> 4) Threads;
    } };
}

/// Atomic read-modify-write: `Name name opcode "text" [Kind] (bytes operand -> old value) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_atomic_rmw {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32AtomicRmwAdd i32_atomic_rmw_add 0xfe_001e "i32.atomic.rmw.add" [Add] (4 I32 -> I32) Threads;
        I64AtomicRmwAdd i64_atomic_rmw_add 0xfe_001f "i64.atomic.rmw.add" [Add] (8 I64 -> I64) Threads;
        I32AtomicRmw8AddU i32_atomic_rmw8_add_u 0xfe_0020 "i32.atomic.rmw8.add_u" [Add] (1 I32 -> I32) Threads;
        I32AtomicRmw16AddU i32_atomic_rmw16_add_u 0xfe_0021 "i32.atomic.rmw16.add_u" [Add] (2 I32 -> I32) Threads;
        I64AtomicRmw8AddU i64_atomic_rmw8_add_u 0xfe_0022 "i64.atomic.rmw8.add_u" [Add] (1 I64 -> I64) Threads;
        I64AtomicRmw16AddU i64_atomic_rmw16_add_u 0xfe_0023 "i64.atomic.rmw16.add_u" [Add] (2 I64 -> I64) Threads;
        I64AtomicRmw32AddU i64_atomic_rmw32_add_u 0xfe_0024 "i64.atomic.rmw32.add_u" [Add] (4 I64 -> I64) Threads;
        I32AtomicRmwSub i32_atomic_rmw_sub 0xfe_0025 "i32.atomic.rmw.sub" [Sub] (4 I32 -> I32) Threads;
        I64AtomicRmwSub i64_atomic_rmw_sub 0xfe_0026 "i64.atomic.rmw.sub" [Sub] (8 I64 -> I64) Threads;
        I32AtomicRmw8SubU i32_atomic_rmw8_sub_u 0xfe_0027 "i32.atomic.rmw8.sub_u" [Sub] (1 I32 -> I32) Threads;
        I32AtomicRmw16SubU i32_atomic_rmw16_sub_u 0xfe_0028 "i32.atomic.rmw16.sub_u" [Sub] (2 I32 -> I32) Threads;
        I64AtomicRmw8SubU i64_atomic_rmw8_sub_u 0xfe_0029 "i64.atomic.rmw8.sub_u" [Sub] (1 I64 -> I64) Threads;
        I64AtomicRmw16SubU i64_atomic_rmw16_sub_u 0xfe_002a "i64.atomic.rmw16.sub_u" [Sub] (2 I64 -> I64) Threads;
        I64AtomicRmw32SubU i64_atomic_rmw32_sub_u 0xfe_002b "i64.atomic.rmw32.sub_u" [Sub] (4 I64 -> I64) Threads;
        I32AtomicRmwAnd i32_atomic_rmw_and 0xfe_002c "i32.atomic.rmw.and" [And] (4 I32 -> I32) Threads;
        I64AtomicRmwAnd i64_atomic_rmw_and 0xfe_002d "i64.atomic.rmw.and" [And] (8 I64 -> I64) Threads;
        I32AtomicRmw8AndU i32_atomic_rmw8_and_u 0xfe_002e "i32.atomic.rmw8.and_u" [And] (1 I32 -> I32) Threads;
        I32AtomicRmw16AndU i32_atomic_rmw16_and_u 0xfe_002f "i32.atomic.rmw16.and_u" [And] (2 I32 -> I32) Threads;
        I64AtomicRmw8AndU i64_atomic_rmw8_and_u 0xfe_0030 "i64.atomic.rmw8.and_u" [And] (1 I64 -> I64) Threads;
        I64AtomicRmw16AndU i64_atomic_rmw16_and_u 0xfe_0031 "i64.atomic.rmw16.and_u" [And] (2 I64 -> I64) Threads;
        I64AtomicRmw32AndU i64_atomic_rmw32_and_u 0xfe_0032 "i64.atomic.rmw32.and_u" [And] (4 I64 -> I64) Threads;
        I32AtomicRmwOr i32_atomic_rmw_or 0xfe_0033 "i32.atomic.rmw.or" [Or] (4 I32 -> I32) Threads;
        I64AtomicRmwOr i64_atomic_rmw_or 0xfe_0034 "i64.atomic.rmw.or" [Or] (8 I64 -> I64) Threads;
        I32AtomicRmw8OrU i32_atomic_rmw8_or_u 0xfe_0035 "i32.atomic.rmw8.or_u" [Or] (1 I32 -> I32) Threads;
        I32AtomicRmw16OrU i32_atomic_rmw16_or_u 0xfe_0036 "i32.atomic.rmw16.or_u" [Or] (2 I32 -> I32) Threads;
        I64AtomicRmw8OrU i64_atomic_rmw8_or_u 0xfe_0037 "i64.atomic.rmw8.or_u" [Or] (1 I64 -> I64) Threads;
        I64AtomicRmw16OrU i64_atomic_rmw16_or_u 0xfe_0038 "i64.atomic.rmw16.or_u" [Or] (2 I64 -> I64) Threads;
        I64AtomicRmw32OrU i64_atomic_rmw32_or_u 0xfe_0039 "i64.atomic.rmw32.or_u" [Or] (4 I64 -> I64) Threads;
        I32AtomicRmwXor i32_atomic_rmw_xor 0xfe_003a "i32.atomic.rmw.xor" [Xor] (4 I32 -> I32) Threads;
        I64AtomicRmwXor i64_atomic_rmw_xor 0xfe_003b "i64.atomic.rmw.xor" [Xor] (8 I64 -> I64) Threads;
        I32AtomicRmw8XorU i32_atomic_rmw8_xor_u 0xfe_003c "i32.atomic.rmw8.xor_u" [Xor] (1 I32 -> I32) Threads;
        I32AtomicRmw16XorU i32_atomic_rmw16_xor_u 0xfe_003d "i32.atomic.rmw16.xor_u" [Xor] (2 I32 -> I32) Threads;
        I64AtomicRmw8XorU i64_atomic_rmw8_xor_u 0xfe_003e "i64.atomic.rmw8.xor_u" [Xor] (1 I64 -> I64) Threads;
        I64AtomicRmw16XorU i64_atomic_rmw16_xor_u 0xfe_003f "i64.atomic.rmw16.xor_u" [Xor] (2 I64 -> I64) Threads;
        I64AtomicRmw32XorU i64_atomic_rmw32_xor_u 0xfe_0040 "i64.atomic.rmw32.xor_u" [Xor] (4 I64 -> I64) Threads;
        I32AtomicRmwXchg i32_atomic_rmw_xchg 0xfe_0041 "i32.atomic.rmw.xchg" [Xchg] (4 I32 -> I32) Threads;
        I64AtomicRmwXchg i64_atomic_rmw_xchg 0xfe_0042 "i64.atomic.rmw.xchg" [Xchg] (8 I64 -> I64) Threads;
        I32AtomicRmw8XchgU i32_atomic_rmw8_xchg_u 0xfe_0043 "i32.atomic.rmw8.xchg_u" [Xchg] (1 I32 -> I32) Threads;
        I32AtomicRmw16XchgU i32_atomic_rmw16_xchg_u 0xfe_0044 "i32.atomic.rmw16.xchg_u" [Xchg] (2 I32 -> I32) Threads;
        I64AtomicRmw8XchgU i64_atomic_rmw8_xchg_u 0xfe_0045 "i64.atomic.rmw8.xchg_u" [Xchg] (1 I64 -> I64) Threads;
        I64AtomicRmw16XchgU i64_atomic_rmw16_xchg_u 0xfe_0046 "i64.atomic.rmw16.xchg_u" [Xchg] (2 I64 -> I64) Threads;
        I64AtomicRmw32XchgU i64_atomic_rmw32_xchg_u 0xfe_0047 "i64.atomic.rmw32.xchg_u" [Xchg] (4 I64 -> I64) Threads;
    } };
}

/// Atomic compare-exchange: `Name name opcode "text" (bytes expected replacement -> old value) Proposal;`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_atomic_cmpxchg {
    ($each:ident $(, $($context:tt)*)?) => { $each! { $($($context)*)?
        I32AtomicRmwCmpxchg i32_atomic_rmw_cmpxchg 0xfe_0048 "i32.atomic.rmw.cmpxchg" (4 I32 I32 -> I32) Threads;
        I64AtomicRmwCmpxchg i64_atomic_rmw_cmpxchg 0xfe_0049 "i64.atomic.rmw.cmpxchg" (8 I64 I64 -> I64) Threads;
        I32AtomicRmw8CmpxchgU i32_atomic_rmw8_cmpxchg_u 0xfe_004a "i32.atomic.rmw8.cmpxchg_u" (1 I32 I32 -> I32) Threads;
        I32AtomicRmw16CmpxchgU i32_atomic_rmw16_cmpxchg_u 0xfe_004b "i32.atomic.rmw16.cmpxchg_u" (2 I32 I32 -> I32) Threads;
        I64AtomicRmw8CmpxchgU i64_atomic_rmw8_cmpxchg_u 0xfe_004c "i64.atomic.rmw8.cmpxchg_u" (1 I64 I64 -> I64) Threads;
        I64AtomicRmw16CmpxchgU i64_atomic_rmw16_cmpxchg_u 0xfe_004d "i64.atomic.rmw16.cmpxchg_u" (2 I64 I64 -> I64) Threads;
        I64AtomicRmw32CmpxchgU i64_atomic_rmw32_cmpxchg_u 0xfe_004e "i64.atomic.rmw32.cmpxchg_u" (4 I64 I64 -> I64) Threads;
    } };
}
