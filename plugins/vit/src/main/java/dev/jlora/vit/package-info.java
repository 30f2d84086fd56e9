/** ViT: its configuration, and its models, declared as trees of layers. */
@NullMarked
package dev.jlora.vit;

import org.jspecify.annotations.NullMarked;
