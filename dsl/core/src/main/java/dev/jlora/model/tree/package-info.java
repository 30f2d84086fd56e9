/**
 * The declaration of a model as a tree of records, and everything derived from it before weights
 * are read: names, shapes, adapter targets, counts.
 */
@NullMarked
package dev.jlora.model.tree;

import org.jspecify.annotations.NullMarked;
