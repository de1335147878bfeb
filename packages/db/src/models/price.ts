import { PriceOverride } from '@mgx/contract'
import { modelOf } from './model-of.js'

export class PriceModel extends modelOf('prices', 'price', PriceOverride) {}
