/**
 * LoHa and LoKr, two methods of LyCORIS: the change of a weight is a Hadamard product of low-rank
 * matrices, or a Kronecker product.
 */
@NullMarked
package dev.jlora.adapters.lycoris;

import org.jspecify.annotations.NullMarked;
